// Where a call runs, and what becomes of it when its backend fails. Sans I/O: facts in, one step
// out; hub.ts takes the step and comes back with what came of it.
//
// Two promises, held by test/failover.test.ts: every call ends, and none runs twice silently. A
// call whose backend was lost after it may have been accepted may have run; it is moved only if its
// endpoint is idempotent, and its record says so.

import type { State } from "./health";

/** What is known of a backend when a call looks for one. */
export interface Candidate {
  key: string;
  health: State;
  /** False while its user keeps it from new calls. */
  open: boolean;
  /** It has the endpoint, with parameters that fit. */
  offers: boolean;
  /** Calls before this one: waiting there by queue/status, or own ones of the same endpoint. */
  before: number;
  /** Seconds that a call of the endpoint takes there. */
  seconds: number;
  /** Bytes of the call's documents that are not there yet. */
  missing: number;
  /** Milliseconds of a light request. */
  latency: number;
}

export interface Call {
  endpoint: string;
  /** Running it twice does no more than running it once. */
  idempotent: boolean;
}

/** How one attempt ended. */
export type Outcome =
  | { kind: "done" | "cancelled" }
  /** The app's own error. */
  | { kind: "failed" }
  /** The app's own error, because documents are gone from there: the backend is a new process. */
  | { kind: "forgotten" }
  /** A document could not be brought there; the call was not sent. */
  | { kind: "unsent" }
  /** The join was answered with an error. */
  | { kind: "refused"; status: number }
  /** The join has no answer: whether it was accepted is unknown. */
  | { kind: "unanswered" }
  /** Accepted, then the stream broke, fell silent or lost the session, or the backend went down. */
  | { kind: "lost" };

export interface Attempt {
  backend: string;
  outcome: Outcome;
}

export type End =
  | "done"
  | "cancelled"
  /** The app, the check of the arguments or a fault of the servers said no. */
  | "failed"
  /** All backends that could take it are full. */
  | "busy"
  /** No backend that could take it is there; it has not run. */
  | "nowhere"
  /** It may have run, its result is lost. It may be run again. */
  | "lost"
  /** It may have run, its result is lost, and running it again might do harm. */
  | "unknown";

export type Step = { do: "run"; backend: string } | { do: "end"; as: End };

const BYTES_PER_SECOND = 4e6; // an upload to a server of the same network
const FORGETFUL = 2; // attempts on a backend that restarts between any two calls

/** Whether the backend may have begun the call, so that it may have had its effect. */
export function mayHaveRun(outcome: Outcome): boolean {
  if (outcome.kind === "refused") return outcome.status >= 500 && outcome.status !== 503;
  return outcome.kind !== "unsent" && outcome.kind !== "forgotten";
}

/** Seconds until the result, as far as they depend on the choice of a backend. */
export function cost(candidate: Candidate): number {
  const { before, seconds, missing, latency } = candidate;
  return before * seconds + missing / BYTES_PER_SECOND + latency / 1000;
}

/** The best backend for a call, or null. Health goes before cost; ties go by key. */
export function choose(candidates: readonly Candidate[]): Candidate | null {
  const able = candidates.filter(usable);
  return able.reduce<Candidate | null>((best, one) => (best && !better(one, best) ? best : one), null);
}

export function usable({ health, open, offers }: Candidate): boolean {
  return open && offers && (health === "connected" || health === "degraded");
}

function better(one: Candidate, other: Candidate): boolean {
  if (one.health !== other.health) return one.health === "connected";
  const [mine, theirs] = [cost(one), cost(other)];
  return mine === theirs ? one.key < other.key : mine < theirs;
}

/**
 * What to do with a call after these attempts.
 *
 * `stop`: its user has asked to cancel it, so it is not tried again; whether it was cancelled is
 * known from its end alone (CLIENT-028).
 */
export function next(
  call: Call,
  attempts: readonly Attempt[],
  candidates: readonly Candidate[],
  stop = false,
): Step {
  const last = attempts.at(-1);
  const final = last && settled(last.outcome, call);
  if (final) return { do: "end", as: final };
  const ran = attempts.some(({ outcome }) => mayHaveRun(outcome));
  if (stop) return { do: "end", as: ran ? (call.idempotent ? "lost" : "unknown") : "cancelled" };
  if (ran && !call.idempotent) return { do: "end", as: "unknown" };
  const chosen = choose(candidates.filter(({ key }) => mayTry(key, attempts)));
  if (chosen) return { do: "run", backend: chosen.key };
  return { do: "end", as: exhausted(attempts) };
}

/** The end where nobody is left to try: what is least known of the attempts decides. */
function exhausted(attempts: readonly Attempt[]): End {
  const kinds = attempts.map(({ outcome }) => outcome.kind);
  if (kinds.includes("lost") || kinds.includes("unanswered")) return "lost";
  if (attempts.some(({ outcome }) => mayHaveRun(outcome))) return "failed"; // 5xx
  return attempts.some(busy) ? "busy" : "nowhere";
}

/** The end of a call by the outcome of an attempt alone; null where another one may help. */
function settled(outcome: Outcome, { idempotent }: Call): End | null {
  if (outcome.kind === "done" || outcome.kind === "cancelled" || outcome.kind === "failed")
    return outcome.kind;
  if (outcome.kind === "forgotten") return idempotent ? null : "failed"; // the error is all one knows
  if (outcome.kind !== "refused") return null;
  // The others refuse for reasons of their own: full, not logged in, another app, a fault.
  // What is wrong with the arguments is wrong everywhere (CLIENT-021).
  const { status } = outcome;
  return status < 500 && ![401, 403, 404, 429].includes(status) ? "failed" : null;
}

/** A backend that has failed a call is not asked again for it, unless it had only forgotten. */
function mayTry(key: string, attempts: readonly Attempt[]): boolean {
  const there = attempts.filter(({ backend }) => backend === key);
  return there.every(({ outcome }) => outcome.kind === "forgotten") && there.length < FORGETFUL;
}

function busy({ outcome }: Attempt): boolean {
  return outcome.kind === "refused" && (outcome.status === 503 || outcome.status === 429);
}
