import { useState } from "preact/hooks";
import type { Hub } from "./hub";
import type { Job } from "./jobs";
import { mayHaveRun } from "./failover";
import { JobBar, Region, Trail, stateOf } from "./pieces";

const HOUSEKEEPING = new Set(["shelf", "empty_shelf"]);

export function Queue({ hub }: { hub: Hub }) {
  const [all, setAll] = useState(false);
  const jobs = hub.jobs.filter((job) => all || !job.over || !HOUSEKEEPING.has(job.order.endpoint));
  const waiting = hub.jobs.filter(({ state }) => state === "waiting").length;
  const running = hub.jobs.filter(({ state }) => state === "running").length;
  const aside = (
    <p class="aside">
      {running} running · {waiting} waiting
    </p>
  );
  return (
    <Region name="Queue" class="queue" aside={aside}>
      {jobs.length === 0 && <p class="soft">No calls yet. They appear here, whichever backend they run on.</p>}
      <ol class="jobs" aria-label="Jobs">
        {[...jobs].sort(byLife).map((job) => (
          <Line key={job.number} hub={hub} job={job} />
        ))}
      </ol>
      {hub.jobs.some(({ order }) => HOUSEKEEPING.has(order.endpoint)) && (
        <label class="switch">
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
          <span>Show housekeeping calls</span>
        </label>
      )}
    </Region>
  );
}

/** What is still to come first, each part newest first. */
function byLife(one: Job, other: Job): number {
  return Number(one.over) - Number(other.over) || other.number - one.number;
}

function Line({ hub, job }: { hub: Hub; job: Job }) {
  const { order, progress } = job;
  const step = !job.over && progress?.length ? `${progress.index} of ${progress.length} ${progress.unit ?? ""}` : "";
  return (
    <li class="job" data-state={job.state} data-over={job.over || undefined} aria-label={`Job ${job.number}`}>
      <span class="number">{job.number}</span>
      <p class="what">
        <code>{order.endpoint}</code> <span class="subject">{order.subject}</span>
      </p>
      <Trail job={job} backends={hub.backends} />
      <p class="where">
        <span class="state" data-state={job.state}>
          {stateOf(job)}
        </span>
        {step && <span class="soft"> {step}</span>}
        {job.over && <span class="result"> {result(job)}</span>}
      </p>
      {!job.over && (
        <button type="button" class="quiet" aria-label={`Cancel job ${job.number}`} disabled={job.stop} onClick={() => job.cancel()}>
          Cancel
        </button>
      )}
      <JobBar job={job} name={`Progress of job ${job.number}`} />
      {job.attempts.length > (job.over ? 1 : 0) && <Story hub={hub} job={job} />}
    </li>
  );
}

/** What became of each attempt; nothing runs twice silently. */
function Story({ hub, job }: { hub: Hub; job: Job }) {
  return (
    <ul class="story">
      {job.attempts.map(({ backend, outcome, reason }, index) => {
        const name = hub.backends.find(({ url }) => url === backend)?.name ?? backend;
        const doubt = outcome.kind === "lost" || (outcome.kind !== "done" && outcome.kind !== "failed" && outcome.kind !== "cancelled" && mayHaveRun(outcome));
        return (
          <li key={index}>
            {name}: {outcome.kind === "refused" ? `refused with ${outcome.status}` : outcome.kind}
            {reason && outcome.kind !== "done" && ` (${reason.replace(/\.$/, "")})`}
            {doubt && ", may have run"}
          </li>
        );
      })}
    </ul>
  );
}

function result({ state, order, data, error }: Job): string {
  if (state !== "done") return error ? [error.title, error.message].filter(Boolean).join(": ") : "";
  const [value] = data ?? [];
  if (order.endpoint === "write_on") return `${String(value).split(/\s+/).length} words`;
  if (Array.isArray(value)) return order.endpoint === "poster" ? "poster" : `${value.length} found`;
  if (typeof value === "number") return `${value}`;
  return "";
}
