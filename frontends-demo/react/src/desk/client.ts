import { Client } from "@gradio/client";
import { guard } from "./stream";

const ANSWER = 30_000; // ms that anything but an upload may take to be answered

export const WRONG_CREDENTIALS = "The name or the password is not right.";

/** The server knows its users, and not this one. */
export class LoginRequired extends Error {}

/**
 * The official client, where Desk asks for more than it does. Of `Client`, `stream` and `fetch` are
 * public and all its requests go through them, so these two are all that is overridden:
 *
 * - It does not notice the end of a stream without `close_stream`, hangs after `unexpected_error`,
 *   takes a cancelled event for a broken one and drops the stream of all others with it, and fails
 *   at messages it does not know. So `stream` gives it the browser's own EventSource, behind a
 *   guard that tells it of every loss as a broken connection, which it does handle.
 * - It keeps counting a lost stream as open, and a stream that was closed while a join was on its
 *   way as well; both times later events would wait forever. `stream_status` is set right.
 * - It gives an error its text only. So `fetch` makes 401 an error with a class, and wrong
 *   credentials one with a text of ours (Gradio 6.31 answers them 400, not 401: E-70).
 */
export class DeskClient extends Client {
  onlost: () => void = () => {};
  onlogin: () => void = () => {};
  #ended = new Set<string>(); // event ids; the client may keep the callbacks of some

  static override async connect(
    ...parameters: Parameters<typeof Client.connect>
  ): Promise<DeskClient> {
    return (await super.connect(...parameters)) as DeskClient;
  }

  override stream(url: URL): EventSource {
    const source = new EventSource(url, { withCredentials: true });
    this.abort_controller = new AbortController(); // by which the client closes a stream
    this.abort_controller.signal.addEventListener("abort", () => source.close());
    if (!url.pathname.endsWith("/queue/data")) return source;
    const asked = this.#outstanding();
    guard(source, {
      ended: (event) => this.#ended.add(event),
      lost: () => {
        this.stream_status.open = false;
        if (this.#outstanding().length > 0) this.onlost();
      },
      closed: () => {
        const left = this.#outstanding();
        if (left.some((event) => asked.includes(event))) return false;
        // SSE-015: a join crossed close_stream; its event is on the next stream.
        if (left.length > 0 && !this.stream_status.open) void this.open_stream();
        return true;
      },
    });
    return source;
  }

  #outstanding(): string[] {
    return Object.keys(this.event_callbacks).filter((event) => !this.#ended.has(event));
  }

  override async fetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
    const patience = init.body instanceof FormData ? {} : { signal: AbortSignal.timeout(ANSWER) };
    const response = await super.fetch(input, { credentials: "include", ...patience, ...init });
    if (response.ok) return response;
    if (String(input).endsWith("/login")) throw new Error(WRONG_CREDENTIALS);
    if (response.status !== 401) return response;
    this.onlogin();
    throw new LoginRequired();
  }
}
