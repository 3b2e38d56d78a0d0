// What crosses the wire, as far as this client reads it. Unknown members and kinds are left alone
// (CLIENT-019), so everything but `msg` may be missing as far as the types are concerned.

import type { Failure } from "./failures";
import type { Edit, Json } from "./edits";

/** One loop of a function's progress, outermost first (EVT-024, EVT-025). */
export interface Step {
  index: number | null;
  length: number | null;
  unit: string | null;
  progress: number | null;
  desc: string | null;
}

export interface Note {
  level: string;
  title: string;
  text: string;
}

export interface Message {
  msg: string;
  event_id?: string | null;
  rank?: number;
  queue_size?: number;
  rank_eta?: number | null;
  progress_data?: Step[];
  log?: string;
  level?: string;
  title?: string;
  visible?: boolean;
  message?: string | null;
  session_not_found?: boolean;
  success?: boolean;
  output?: Output | null;
}

export interface Output {
  data?: (Json | Edit[])[];
  error?: string | null;
  title?: string;
}

export interface FileData {
  path: string;
  url?: string | null;
  orig_name?: string | null;
  size?: number | null;
  mime_type?: string | null;
  meta: { _type: "gradio.FileData" };
}

/** How a call ends, once. */
export type End =
  | { kind: "done"; values: Json[] }
  | { kind: "cancelled" }
  | { kind: "failed"; failure: Failure }
  | { kind: "refused"; status: number; failure: Failure }
  | { kind: "lost"; failure: Failure };

/** What a call tells before that. `place` counts from 1; `seconds` is until the result. */
export type News =
  | { kind: "waiting"; place: number; of: number; seconds: number | null }
  | { kind: "running" }
  | { kind: "progress"; steps: Step[] }
  | { kind: "note"; note: Note }
  | { kind: "values"; values: Json[] };

export type Tell = (news: News | End) => void;
