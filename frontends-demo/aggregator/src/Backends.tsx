import { useState } from "preact/hooks";
import type { Backend } from "./backend";
import { latency } from "./health";
import type { State } from "./health";
import type { Hub } from "./hub";
import type { Job } from "./jobs";
import { Region } from "./pieces";

const WORDS: Record<State, string> = {
  connecting: "Connecting",
  connected: "Connected",
  degraded: "Degraded",
  down: "Down",
  locked: "Log-in needed",
};

export function Backends({ hub }: { hub: Hub }) {
  return (
    <Region name="Backends" class="backends" aside={<AddBackend hub={hub} />}>
      {hub.backends.length === 0 && <p class="soft">None yet. Add the URL of a server that runs Desk.</p>}
      <ul class="cards">
        {hub.backends.map((backend) => (
          <Card key={backend.url} hub={hub} backend={backend} />
        ))}
      </ul>
    </Region>
  );
}

function Card({ hub, backend }: { hub: Hub; backend: Backend }) {
  const { health, config, name, url, letter } = backend;
  const there = health.state === "connected" || health.state === "degraded";
  return (
    <li class="card" data-letter={letter} data-state={health.state}>
      <article aria-label={name}>
        <header>
          <span class="badge" data-letter={letter} aria-hidden="true">
            {letter}
          </span>
          <h3>{name}</h3>
          <p class="lamp" role="status" aria-label={`Health of ${name}`} data-state={health.state}>
            {WORDS[health.state]}
          </p>
        </header>
        <p class="address">
          {url.replace(/^https?:\/\//, "")}
          {config && ` · ${config.version ?? "no version"} · ${config.protocol ?? "no protocol"} · ${backend.endpoints.size}\u00a0endpoints`}
        </p>
        {health.state === "locked" ? (
          <LogIn backend={backend} />
        ) : (
          <>
            <dl class="figures">
              <Figure name="Latency" value={there ? `${Math.max(1, Math.round(latency(health)))}` : "–"} unit="ms">
                <Sparkline values={health.latencies} />
              </Figure>
              <Figure name="Waiting" value={there ? `${health.queue ?? "–"}` : "–"} unit="calls" />
              <Figure name="Ours" value={`${hub.jobsOn(backend).length}`} unit="jobs" />
            </dl>
            <Lane jobs={hub.jobsOn(backend)} waiting={there ? health.queue : null} name={name} />
          </>
        )}
        <footer>
          {config?.username && health.state !== "locked" && (
            <span class="user">
              <span>Logged in as {config.username}</span>
              <button type="button" class="quiet" onClick={() => void backend.logout()}>
                Log out
              </button>
            </span>
          )}
          <span class="switches">
            <label class="switch">
              <input type="checkbox" role="switch" checked={backend.open} onChange={(event) => backend.admit(event.currentTarget.checked)} />
              <span>New calls</span>
            </label>
            {health.state !== "locked" && <span class="reason">{health.reason}</span>}
            <button type="button" class="quiet" aria-label={`Remove ${name}`} onClick={() => hub.removeBackend(backend)}>
              Remove
            </button>
          </span>
        </footer>
      </article>
    </li>
  );
}

function Figure({ name, value, unit, children }: { name: string; value: string; unit: string; children?: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <b>{value}</b> <small>{unit}</small>
        {children}
      </dd>
    </div>
  );
}

function Sparkline({ values }: { values: readonly number[] }) {
  if (values.length < 2) return null;
  const top = Math.max(...values, 20);
  const first = 20 - values.length; // the newest stands at the right
  const points = values.map((value, index) => `${(first + index) * 3},${(17 - (15 * value) / top).toFixed(1)}`);
  return (
    <svg class="sparkline" viewBox="0 0 57 18" preserveAspectRatio="none" aria-hidden="true">
      <polyline points={points.join(" ")} />
    </svg>
  );
}

/** The queue of a backend as a line: what runs, then a place for each waiting call, ours filled. */
function Lane({ jobs, waiting, name }: { jobs: readonly Job[]; waiting: number | null; name: string }) {
  const running = jobs.filter(({ state }) => state === "running");
  const ours = new Map(jobs.filter(({ state }) => state === "waiting").map((job) => [job.place ?? 0, job]));
  const length = Math.min(24, Math.max(waiting ?? 0, ...ours.keys(), 0));
  const places = Array.from({ length }, (_, index) => ours.get(index + 1));
  const told = `Queue of ${name}: ${running.length} of ours running, ${ours.size} of ${Math.max(waiting ?? 0, ours.size)} waiting`;
  return (
    <div class="lane" role="img" aria-label={told}>
      {running.map((job) => (
        <span key={job.number} class="slot running">
          <i style={{ width: `${share(job) * 100}%` }} />
          <b>{job.number}</b>
        </span>
      ))}
      {places.map((job, index) => (
        <span key={`place ${index}`} class={`slot ${job ? "ours" : "foreign"}`}>
          {job && <b>{job.number}</b>}
        </span>
      ))}
      {running.length + length === 0 && <span class="idle">{waiting === null ? "nothing known" : "idle"}</span>}
    </div>
  );
}

function share({ progress }: Job): number {
  return progress?.length ? (progress.index ?? 0) / progress.length : 0;
}

function LogIn({ backend }: { backend: Backend }) {
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setWrong(await backend.login(String(given.get("name")), String(given.get("password"))));
    setBusy(false);
  };
  return (
    <form class="login" aria-label={`Log in to ${backend.name}`} onSubmit={submit}>
      <label>
        Name <input name="name" autocomplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autocomplete="current-password" required />
      </label>
      <button type="submit" disabled={busy}>
        Log in
      </button>
      {wrong && (
        <p role="alert" class="alert">
          {wrong}
        </p>
      )}
    </form>
  );
}

function AddBackend({ hub }: { hub: Hub }) {
  const [wrong, setWrong] = useState("");
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const problem = hub.addByUrl(String(new FormData(form).get("url")));
    setWrong(problem ?? "");
    if (!problem) form.reset();
  };
  return (
    <form class="add" aria-label="Add a backend" onSubmit={add}>
      <input name="url" type="text" inputMode="url" aria-label="URL of a backend" placeholder="http://127.0.0.1:7860" required spellcheck={false} autocapitalize="off" />
      <button type="submit" class="quiet">
        Add
      </button>
      {wrong && (
        <p role="alert" class="alert">
          {wrong}
        </p>
      )}
    </form>
  );
}
