// Small things that several regions show.

import type { ComponentChildren } from "preact";
import type { Backend } from "./backend";
import type { Job } from "./jobs";

/** The letter of a backend, in its colour; the name is for who cannot see it or hovers. */
export function Badge({ backend, faint = false }: { backend: Backend; faint?: boolean }) {
  return (
    <span class="badge" data-letter={backend.letter} data-faint={faint || undefined} title={backend.name}>
      <span aria-hidden="true">{backend.letter}</span>
      <span class="unseen">{backend.name}</span>
    </span>
  );
}

export function idOf(region: string): string {
  return `region-${region.toLowerCase().replace(/\W+/g, "-")}`;
}

export function Region({ name, class: kind = "", aside, children }: {
  name: string;
  class?: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
}) {
  const id = idOf(name);
  return (
    <section class={`region ${kind}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{name}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** What a person is told of where a job stands. */
export function stateOf(job: Job): string {
  switch (job.state) {
    case "waiting": {
      const eta = job.eta ? `, about ${Math.ceil(job.eta)} s` : "";
      return `Waiting: place ${job.place} of ${job.of}${eta}`;
    }
    case "placing":
    case "sending":
    case "joining":
      return "Waiting";
    case "busy":
    case "nowhere":
      return "Failed";
    default:
      return job.state.charAt(0).toUpperCase() + job.state.slice(1);
  }
}

export function Bar({ name, value, max }: { name: string; value: number; max: number }) {
  return (
    <div
      class="bar"
      role="progressbar"
      aria-label={name}
      aria-valuemin={0}
      aria-valuenow={Math.round(value)}
      aria-valuemax={max}
    >
      <span style={{ width: `${max ? (100 * value) / max : 0}%` }} />
    </div>
  );
}

export function JobBar({ job, name }: { job: Job; name: string }) {
  const { progress } = job;
  if (job.over || !progress || progress.index === null || !progress.length) return null;
  return <Bar name={name} value={progress.index} max={progress.length} />;
}

/** Backends a job has met, in order. */
export function Trail({ job, backends }: { job: Job; backends: readonly Backend[] }) {
  const met = job.attempts.map(({ backend }) => backends.find(({ url }) => url === backend));
  const failed = met.filter((backend, index) => backend && (index < met.length - 1 || !job.over));
  const last = job.backend;
  if (!last) return <span class="soft">no backend</span>;
  return (
    <span class="trail">
      {failed.map((backend, index) => backend && (
        <span key={index}>
          <Badge backend={backend} faint /> <span aria-label="then">→</span>{" "}
        </span>
      ))}
      <Badge backend={last} />
    </span>
  );
}

export function size(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1000).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
