// The health of one backend, from what a light request and the calls tell. Sans I/O.

export type State = "connecting" | "connected" | "degraded" | "down" | "locked";

/** What was noticed. Times in milliseconds. */
export type Sign =
  /** The light request was answered; `queue` is the number of waiting calls. */
  | { kind: "answer"; ms: number; queue: number }
  /** It was not, or with an error. */
  | { kind: "silence"; reason: string }
  /** It wants a log-in. */
  | { kind: "locked" }
  /** A call was refused with 503, or a stream broke. */
  | { kind: "trouble"; reason: string };

export interface Health {
  state: State;
  /** Why it is not connected; empty if it is. */
  reason: string;
  /** Of the last answers, newest last. */
  latencies: readonly number[];
  queue: number | null;
  /** Requests in a row without an answer. */
  silent: number;
  /** Answers still wanted before a trouble is forgotten. */
  probation: number;
}

export const SLOW = 1000; // ms, of the median
export const DOWN = 2; // silences in a row; one may be chance
export const CALM = 3; // answers after a trouble
const KEPT = 20;
const RECENT = 5;

export const unknown: Health = {
  state: "connecting",
  reason: "",
  latencies: [],
  queue: null,
  silent: 0,
  probation: 0,
};

export function after(health: Health, sign: Sign): Health {
  switch (sign.kind) {
    case "answer":
      return answered(health, sign.ms, sign.queue);
    case "silence": {
      const silent = health.silent + 1;
      const state = silent >= DOWN || health.state === "down" ? "down" : "degraded";
      return { ...health, state, silent, reason: sign.reason, queue: null };
    }
    case "locked":
      return { ...unknown, state: "locked", reason: "It wants a log-in." };
    case "trouble":
      if (health.state === "down" || health.state === "locked") return health;
      return { ...health, state: "degraded", reason: sign.reason, probation: CALM };
  }
}

function answered(health: Health, ms: number, queue: number): Health {
  const latencies = [...health.latencies, ms].slice(-KEPT);
  const probation = Math.max(0, health.probation - 1);
  const slow = latency({ latencies }) > SLOW;
  const reason = probation > 0 ? health.reason : slow ? "It answers slowly." : "";
  const state = reason ? "degraded" : "connected";
  return { state, reason, latencies, queue, silent: 0, probation };
}

/** Median of the last few, in milliseconds; 0 before the first. */
export function latency({ latencies }: Pick<Health, "latencies">): number {
  const recent = latencies.slice(-RECENT).sort((a, b) => a - b);
  return recent[recent.length >> 1] ?? 0;
}

/** Milliseconds until the next light request. Sooner where a second one decides. */
export function pause({ state, silent }: Pick<Health, "state" | "silent">): number {
  if (state === "degraded" && silent > 0) return 500;
  return state === "down" ? 2000 : state === "locked" ? 10_000 : 3000;
}
