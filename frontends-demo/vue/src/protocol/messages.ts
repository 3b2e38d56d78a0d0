// What this client reads of a server, section 8 of the protocol. Members that it has no use for are
// left out, and what it does not know it passes over: CLIENT-019.

/** An edit of a value: operation, path, value. */
export type Edit = ["replace" | "append" | "add" | "delete", (string | number)[], unknown];

/** One of the loops that a function reports, outermost first: EVT-025. */
export interface Loop {
  index: number | null;
  length: number | null;
  unit: string | null;
  progress: number | null;
  desc: string | null;
}

interface Output {
  data?: unknown[];
  error?: string | null;
}

export type EventMessage = { event_id: string } & (
  | { msg: "estimation"; rank: number; queue_size: number; rank_eta: number | null }
  | { msg: "process_starts" }
  | { msg: "progress"; progress_data: Loop[] }
  | { msg: "log"; log: string; level: string }
  | { msg: "process_generating"; success: boolean; output: Output }
  | { msg: "process_completed"; success: boolean; output: Output; title?: string | null }
);

export type StreamMessage =
  | { msg: "heartbeat" | "close_stream"; event_id: null }
  | { msg: "unexpected_error"; event_id: null; message?: string };

export type Message = EventMessage | StreamMessage;

export interface Config {
  version: string;
  api_prefix: string;
  app_id: string | number;
  max_file_size: number | null;
  username?: string | null;
  dependencies: { id: number; api_name: string | false | null }[];
}

export interface Info {
  named_endpoints: Record<
    string,
    {
      parameters: {
        parameter_name: string;
        parameter_has_default: boolean;
        parameter_default: unknown;
      }[];
    }
  >;
}
