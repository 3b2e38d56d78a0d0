import { useState } from "preact/hooks";
import { TOOLS } from "./hub";
import type { Hub } from "./hub";
import type { Job } from "./jobs";
import { mayHaveRun } from "./failover";
import { JobBar, Region, Trail, stateOf } from "./pieces";

const HOUSEKEEPING = new Set(["shelf", "empty_shelf"]);
const RECENT = 8;

export function Queue({ hub }: { hub: Hub }) {
  const [all, setAll] = useState(false);
  const current = hub.jobs.filter(({ over }) => !over);
  const past = hub.jobs.filter(({ over }) => over);
  const recent = past.filter(({ order }) => !HOUSEKEEPING.has(order.endpoint)).slice(0, RECENT);
  const jobs = [...current, ...(all ? past : recent)];
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
        {jobs.map((job) => (
          <Line key={job.number} hub={hub} job={job} />
        ))}
      </ol>
      {past.length > recent.length && (
        <label class="switch">
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
          <span>Show all {hub.jobs.length}, housekeeping too</span>
        </label>
      )}
    </Region>
  );
}

function Line({ hub, job }: { hub: Hub; job: Job }) {
  const { order, progress, error, over } = job;
  const step = !over && progress?.length ? `${progress.index} of ${progress.length} ${progress.unit ?? ""}` : "";
  const shown = Object.values(hub.shown).includes(job);
  return (
    <li class="job" data-over={over || undefined} aria-label={`Job ${job.number}`}>
      <span class="number">{job.number}</span>
      <p class="what">
        <code>{order.endpoint}</code> <span class="subject">{order.subject}</span>
      </p>
      <p class="where">
        <span class="state" data-state={job.state}>
          {stateOf(job)}
        </span>{" "}
        <span class="soft">{step || result(job)}</span>
      </p>
      <Trail job={job} backends={hub.backends} />
      <span class="do">
        {!over && (
          <button type="button" class="quiet" aria-label={`Cancel job ${job.number}`} disabled={job.stop} onClick={() => job.cancel()}>
            Cancel
          </button>
        )}
        {over && job.data && isTool(order.endpoint) && (
          <button type="button" class="quiet" aria-label={`${shown ? "Shown:" : "Show"} job ${job.number}`} disabled={shown} onClick={() => hub.show(job)}>
            {shown ? "Shown" : "Show"}
          </button>
        )}
      </span>
      <JobBar job={job} name={`Progress of job ${job.number}`} />
      {over && error && job.state !== "done" && <p class="trouble">{[error.title, error.message].filter(Boolean).join(": ")}</p>}
      {job.attempts.length > (over ? 1 : 0) && <Story hub={hub} job={job} />}
    </li>
  );
}

function isTool(endpoint: string): boolean {
  return (TOOLS as readonly string[]).includes(endpoint);
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

function result({ state, order, data }: Job): string {
  if (state !== "done") return "";
  const [value] = data ?? [];
  if (order.endpoint === "write_on") return `${String(value).split(/\s+/).length} words`;
  if (Array.isArray(value)) return order.endpoint === "poster" ? "" : `${value.length} found`;
  if (typeof value === "number") return `${value}`;
  return "";
}
