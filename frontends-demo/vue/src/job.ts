import type { Happening } from "./protocol/session";
import type { Loop } from "./protocol/messages";

export type Phase = "ready" | "waiting" | "running" | "done" | "cancelled" | "failed" | "lost";

export interface Failure {
  title: string;
  message: string;
  again: boolean; // whether the same call may do better later
}

export interface Measure {
  value: number;
  max: number;
  text: string;
}

/** One call of an endpoint, as far as it has got. */
export interface Job<Result> {
  phase: Phase;
  place: { number: number; of: number; seconds: number | null } | null;
  progress: Measure | null;
  notes: string[];
  result: Result | null;
  failure: Failure | null;
}

export const newJob = <Result>(phase: Phase): Job<Result> => ({
  phase,
  place: null,
  progress: null,
  notes: [],
  result: null,
  failure: null,
});

export const isActive = ({ phase }: Job<unknown>): boolean =>
  phase === "waiting" || phase === "running";

/** Makes of a job what has happened to it. */
export function happen<Result>(job: Job<Result>, happening: Happening): void {
  switch (happening.kind) {
    case "queued": {
      const { rank, size, eta } = happening;
      job.place = { number: rank + 1, of: size, seconds: eta };
      break;
    }
    case "started":
      job.phase = "running";
      job.place = null;
      break;
    case "progress":
      job.phase = "running";
      job.progress = measured(happening.loops);
      break;
    case "log":
      job.notes.push(happening.text);
      break;
    case "value":
      job.phase = "running";
      job.result = happening.data[0] as Result;
      break;
    default:
      end(job, happening);
  }
}

type End = Extract<Happening, { kind: "done" | "cancelled" | "failed" | "lost" }>;

function end<Result>(job: Job<Result>, happening: End): void {
  job.phase = happening.kind;
  job.place = job.progress = null;
  if (happening.kind === "done") job.result = happening.data[0] as Result; // CLIENT-015
  if (happening.kind === "failed") job.failure = failed(happening);
  if (happening.kind === "lost") {
    job.failure = { title: "", message: "The connection was lost.", again: true };
  }
}

function failed({ title, message, status }: Extract<End, { kind: "failed" }>): Failure {
  if (status === 503) return { title: "", message: "The server is busy.", again: true };
  if (status === 422) return { title: "Refused", message, again: false };
  return { title: title || "Error", message, again: false };
}

function measured(loops: Loop[]): Measure | null {
  const loop = loops.at(-1); // the innermost: EVT-025
  if (!loop) return null;
  const { index, length, progress, unit, desc } = loop;
  if (index !== null && length) {
    const text = `${desc ?? ""} ${index} of ${length} ${unit ?? ""}`.trim();
    return { value: index, max: length, text };
  }
  if (progress === null) return null;
  const percent = Math.round(progress * 100);
  return { value: percent, max: 100, text: `${desc ?? ""} ${percent} %`.trim() };
}

/** What the status of a tool says. */
export function spoken({ phase, place }: Job<unknown>): string {
  if (phase === "waiting" && place) {
    const eta = place.seconds === null ? "" : `, about ${Math.max(1, Math.round(place.seconds))} s`;
    return `Waiting: place ${place.number} of ${place.of}${eta}`;
  }
  return phase.charAt(0).toUpperCase() + phase.slice(1);
}
