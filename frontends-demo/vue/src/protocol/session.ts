// One session with a server that speaks the Gradio event protocol, over fetch alone. "Duty" counts
// the duties of a client in section 17.1 of spec/gradio_spec/versions/sse_v3/protocol.md; ids such as
// CLIENT-008 and SSE-015 are clauses: `gradio-protocol explain CLIENT-008` tells the rest.

import { edited } from "./edits";
import { events } from "./events";
import { answer, ask, Refused } from "./http";
import type { Config, Edit, EventMessage, Info, Loop, Message } from "./messages";

const SILENCE = 45_000; // ms without any message, not even a heartbeat (every 15 s): CLIENT-030

/** What becomes of a call. The last four end it. */
export type Happening =
  | { kind: "queued"; rank: number; size: number; eta: number | null }
  | { kind: "started" }
  | { kind: "progress"; loops: Loop[] }
  | { kind: "log"; text: string; level: string }
  | { kind: "value"; data: unknown[] }
  | { kind: "done"; data: unknown[] }
  | { kind: "cancelled" }
  | { kind: "failed"; title: string; message: string; status?: number }
  | { kind: "lost" };

export type Tell = (happening: Happening) => void;

export interface Call {
  cancel(): Promise<void>;
}

interface Outstanding {
  tell: Tell;
  data: unknown[] | null;
}

export class Session {
  readonly api: string;
  readonly hash = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join(""); // CLIENT-003
  onlost: () => void = () => {};
  onlogin: () => void = () => {}; // the server has forgotten who this is

  #calls = new Map<string, Outstanding>(); // by event id
  #early = new Map<string, EventMessage[]>(); // messages that overtook the answer to their join
  #reading = false;

  /** Raises `Refused` with status 401 where one has to log in first. */
  static async open(server: string): Promise<Session> {
    const config = await ask<Config>(`${server}/config`);
    const info = await ask<Info>(`${server}${config.api_prefix}/info`); // CLIENT-001
    return new Session(server, config, info);
  }

  private constructor(
    server: string,
    readonly config: Config,
    private readonly info: Info,
  ) {
    this.api = server + config.api_prefix;
  }

  get idle(): boolean {
    return !this.#reading;
  }

  /** Whether the server is still the one that this session began with. */
  async reaches(): Promise<boolean> {
    const { app_id } = await ask<Pick<Config, "app_id">>(`${this.api}/app_id`); // DISC-022
    return app_id === this.config.app_id;
  }

  /** Calls an endpoint. All that becomes of it is told; the last thing told is its end. */
  call(endpoint: string, args: Record<string, unknown>, tell: Tell): Call {
    const joined = this.#join(endpoint, args, tell).catch((error: unknown) => {
      tell(this.#refusal(error));
      return null;
    });
    return {
      cancel: async () => {
        const event = await joined;
        if (event) await this.#post("cancel", event); // CLIENT-029; its end is told by the stream
      },
    };
  }

  async #join(endpoint: string, args: Record<string, unknown>, tell: Tell) {
    const name = endpoint.replace(/^\//, "");
    const fn_index = this.config.dependencies.find(({ api_name }) => api_name === name)?.id;
    if (fn_index === undefined) throw new Refused(404, `The server has no ${endpoint}.`);
    const data = this.#inPlace(endpoint, args);
    const { event_id } = await this.#post<{ event_id: string }>("queue/join", { data, fn_index });
    this.#calls.set(event_id, { tell, data: null });
    for (const message of this.#early.get(event_id) ?? []) this.#receive(message); // CLIENT-008
    this.#early.delete(event_id);
    void this.#listen(); // after the join, and never twice at a time: duty 2
    return { event_id, fn_index };
  }

  /** The arguments in the order of /info, with its defaults: CLIENT-027. */
  #inPlace(endpoint: string, args: Record<string, unknown>): unknown[] {
    const parameters = this.info.named_endpoints[endpoint]?.parameters ?? [];
    return parameters.map(({ parameter_name: name, parameter_default: fallback }) =>
      args[name] === undefined ? fallback : args[name],
    );
  }

  #refusal(error: unknown): Happening {
    if (error instanceof Refused) {
      if (error.status === 401) this.onlogin();
      return { kind: "failed", title: "", message: error.message, status: error.status };
    }
    this.onlost();
    return { kind: "lost" };
  }

  #post<Answer>(route: string, body: object): Promise<Answer> {
    return ask<Answer>(`${this.api}/${route}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...body, session_hash: this.hash }),
    });
  }

  async #listen(): Promise<void> {
    if (this.#reading || this.#calls.size === 0) return;
    this.#reading = true;
    const before = [...this.#calls.keys()];
    const closed = await this.#read().then(
      () => true,
      () => false,
    );
    this.#reading = false;
    // After close_stream only what joined meanwhile can have a result, on the next stream: SSE-015.
    // Otherwise none can: duty 10.
    const lost = (closed ? before : [...this.#calls.keys()]).filter((id) => this.#calls.has(id));
    if (!closed || lost.length > 0) this.onlost();
    for (const id of lost) this.#lose(id);
    return this.#listen();
  }

  #lose(id: string): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    call?.tell({ kind: "lost" });
  }

  async #read(): Promise<void> {
    const silent = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), SILENCE);
    };
    heard();
    try {
      const response = await fetch(`${this.api}/queue/data?session_hash=${this.hash}`, {
        headers: { Accept: "text/event-stream" },
        credentials: "include",
        signal: silent.signal,
      });
      if (!response.ok || !response.body) return await answer(response);
      for await (const data of events(response.body)) {
        heard();
        const message = JSON.parse(data) as Message;
        if (message.msg === "close_stream") return; // CLIENT-005: not before
        if (message.msg === "unexpected_error") throw new Error(message.message); // CLIENT-011
        if (message.event_id) this.#receive(message as EventMessage);
      }
      throw new Error("The stream ended without close_stream."); // CLIENT-012
    } finally {
      clearTimeout(timer!);
      silent.abort(); // lets go of a body that is not at its end
    }
  }

  #receive(message: EventMessage): void {
    const call = this.#calls.get(message.event_id); // CLIENT-007
    if (call) {
      if (message.msg === "process_completed") this.#calls.delete(message.event_id);
      const happening = happened(call, message);
      if (happening) call.tell(happening);
    } else {
      this.#early.set(message.event_id, [...(this.#early.get(message.event_id) ?? []), message]);
    }
  }
}

function happened(call: Outstanding, message: EventMessage): Happening | null {
  switch (message.msg) {
    case "estimation":
      return {
        kind: "queued",
        rank: message.rank,
        size: message.queue_size,
        eta: message.rank_eta,
      };
    case "process_starts":
      return { kind: "started" };
    case "progress":
      return { kind: "progress", loops: message.progress_data };
    case "log":
      return { kind: "log", text: message.log, level: message.level };
    case "process_generating": {
      const { data } = message.output;
      if (!data) return null;
      // CLIENT-014: full values first, then edits of each of them
      const before = call.data;
      call.data = before ? data.map((edits, place) => edited(before[place], edits as Edit[])) : data;
      return { kind: "value", data: call.data };
    }
    case "process_completed":
      return ended(message);
    default: // news from a later server: CLIENT-019
      return null;
  }
}

function ended(message: Extract<EventMessage, { msg: "process_completed" }>): Happening {
  const { success, output, title } = message;
  if (!success) {
    const text = output.error ?? "The server failed."; // CLIENT-009: the error may be null
    return { kind: "failed", title: title ?? "Error", message: text };
  }
  return output.data ? { kind: "done", data: output.data } : { kind: "cancelled" }; // CLIENT-010
}
