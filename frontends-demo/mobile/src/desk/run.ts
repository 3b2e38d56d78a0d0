import type { End, Failure, Json, News, Note, Step } from "../protocol";

export type Phase =
  | "ready" | "waiting" | "running" | "done" | "cancelled" | "failed" | "lost";

/** What is known of a tool's latest call. */
export interface Run {
  phase: Phase;
  /** From 1; null until the server has told it. */
  place: { at: number; of: number; seconds: number | null } | null;
  progress: { now: number; most: number; desc: string; unit: string } | null;
  notes: Note[];
  values: Json[] | null;
  failure: Failure | null;
}

export const READY: Run = {
  phase: "ready", place: null, progress: null, notes: [], values: null, failure: null,
};

export const STARTED: Run = { ...READY, phase: "waiting" };

export function busy({ phase }: Run): boolean {
  return phase === "waiting" || phase === "running";
}

/** `run` after one more piece of news; values stay when a call fails, so nothing read is lost. */
export function after(run: Run, news: News | End): Run {
  switch (news.kind) {
    case "waiting":
      return { ...run, place: { at: news.place, of: news.of, seconds: news.seconds } };
    case "running":
      return { ...run, phase: "running", place: null };
    case "progress":
      return { ...run, phase: "running", place: null, progress: progress(news.steps) };
    case "note":
      return { ...run, notes: [...run.notes, news.note] };
    case "values":
      return { ...run, phase: "running", place: null, values: news.values };
    case "done":
      return { ...run, ...OVER, phase: "done", values: news.values, failure: null };
    case "cancelled":
      return { ...run, ...OVER, phase: "cancelled" };
    case "failed":
    case "refused":
      return { ...run, ...OVER, phase: "failed", failure: news.failure };
    case "lost":
      return { ...run, ...OVER, phase: "lost", failure: news.failure };
  }
}

const OVER = { place: null, progress: null } as const;

/** What a tool's status says, in the words of the contract of all frontends. */
export function wording({ phase, place }: Run): string {
  if (phase !== "waiting") return phase.charAt(0).toUpperCase() + phase.slice(1);
  if (place === null) return "Waiting";
  const eta = place.seconds === null ? "" : `, about ${Math.max(1, Math.round(place.seconds))} s`;
  return `Waiting: place ${place.at} of ${place.of}${eta}`;
}

// The outermost loop that says how far it is; a fraction counts as hundredths.
function progress(steps: Step[]): Run["progress"] {
  for (const { index, length, progress: part, desc, unit } of steps) {
    const words = { desc: desc ?? "", unit: unit ?? "" };
    if (index !== null && length) return { now: index, most: length, ...words };
    if (part !== null) return { now: Math.round(part * 100), most: 100, ...words, unit: "%" };
  }
  return null;
}
