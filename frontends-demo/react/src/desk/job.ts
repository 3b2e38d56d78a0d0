import type { Client } from "@gradio/client";
import { CANCELLED } from "./stream";

export type Submission = ReturnType<Client["submit"]>;
type GradioEvent = Submission extends AsyncIterable<infer Event> ? Event : never;
type Status = Extract<GradioEvent, { type: "status" }>;

export type Phase = "ready" | "waiting" | "running" | "done" | "cancelled" | "failed" | "lost";

export interface Failure {
  title: string;
  message: string;
  again: boolean; // whether the same call may do better later
}

export interface Progress {
  value: number;
  max: number;
  text: string;
}

/** One call of an endpoint, as far as it has got. */
export interface Job<Result> {
  phase: Phase;
  place: { number: number; of: number; seconds: number | null } | null;
  progress: Progress | null;
  notes: string[];
  result: Result | null;
  failure: Failure | null;
}

export const READY: Job<never> = {
  phase: "ready",
  place: null,
  progress: null,
  notes: [],
  result: null,
  failure: null,
};

export const SENT: Job<never> = { ...READY, phase: "waiting" };

export const isActive = ({ phase }: Job<unknown>): boolean =>
  phase === "waiting" || phase === "running";

/** Reads a submission to its end and tells each state of it; returns the last one. */
export async function follow<Result>(
  submission: Submission,
  tell: (job: Job<Result>) => void = () => {},
): Promise<Job<Result>> {
  let job: Job<Result> = SENT;
  for await (const event of submission) {
    job = advance(job, event);
    tell(job);
  }
  if (isActive(job)) tell((job = fail(job, "Error", "The call ended without a result.")));
  return job;
}

/** The job after an event of the official client. */
export function advance<Result>(job: Job<Result>, event: GradioEvent): Job<Result> {
  if (event.type === "log") return { ...job, notes: [...job.notes, event.log] };
  // The client applies edits in place: without a copy, old and new value were the same object.
  if (event.type === "data") return { ...job, result: structuredClone(event.data[0]) as Result };
  if (event.type === "status") return settle(job, event);
  return job;
}

function settle<Result>(job: Job<Result>, status: Status): Job<Result> {
  if (status.stage === "complete") return { ...job, phase: "done", place: null, progress: null };
  if (status.stage === "error") return broken(job, status);
  if (status.progress_data) {
    return { ...job, phase: "running", place: null, progress: measured(status.progress_data) };
  }
  if (status.stage === "generating" || status.original_msg === "process_starts") {
    return { ...job, phase: "running", place: null };
  }
  if (status.position === undefined || status.size === undefined) return job;
  const { position, size, eta } = status;
  return { ...job, place: { number: position + 1, of: size, seconds: eta ?? null } };
}

function broken<Result>(job: Job<Result>, status: Status): Job<Result> {
  const { message } = status;
  if (message === CANCELLED) return { ...job, phase: "cancelled", place: null, progress: null };
  if (status.broken) return { ...fail(job, "", "The connection was lost.", true), phase: "lost" };
  if (status.code === "validation_error") return fail(job, "Refused", verdicts(message));
  // The client tells a 503 by this text of its own and by nothing else.
  if (typeof message === "string" && message.startsWith("This application is currently busy")) {
    return fail(job, "", "The server is busy.", true);
  }
  const told = message && !String(message).startsWith("Could not parse server response");
  return fail(job, status.title ?? "Error", told ? verdicts(message) : "The server failed.");
}

function fail<Result>(job: Job<Result>, title: string, message: string, again = false) {
  const failure = { title, message, again };
  return { ...job, phase: "failed" as Phase, place: null, progress: null, failure };
}

/** The text of a refusal: a string, or an array with a verdict for each argument [JOIN-015]. */
function verdicts(detail: unknown): string {
  if (!Array.isArray(detail)) return typeof detail === "string" ? detail : JSON.stringify(detail);
  const texts = detail.map((one) => String(one?.message || one?.msg || ""));
  return texts.filter(Boolean).join(" ") || "The server did not take the arguments.";
}

function measured(loops: NonNullable<Status["progress_data"]>): Progress | null {
  const loop = loops.at(-1); // the innermost: EVT-025
  if (!loop) return null;
  const { index, length, progress, unit, desc } = loop;
  if (index !== null && length) {
    return { value: index, max: length, text: `${desc ?? ""} ${index} of ${length} ${unit ?? ""}`.trim() };
  }
  if (progress === null) return null;
  const percent = Math.round(progress * 100);
  return { value: percent, max: 100, text: `${desc ?? ""} ${percent} %`.trim() };
}

/** What the status line of a tool says. */
export function spoken({ phase, place }: Job<unknown>): string {
  if (phase === "waiting" && place) {
    const eta = place.seconds === null ? "" : `, about ${Math.max(1, Math.round(place.seconds))} s`;
    return `Waiting: place ${place.number} of ${place.of}${eta}`;
  }
  return phase[0]!.toUpperCase() + phase.slice(1);
}
