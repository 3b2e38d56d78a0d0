import { EventStream } from "./events";
import type { Message } from "./messages";
import { Silence } from "./silence";
import type { Transport } from "./transport";

/** How a session stream ended: as it should, without a goodbye, or with one that tells of a loss. */
export type StreamEnd =
  | { kind: "closed" }
  | { kind: "broken" }
  | { kind: "error"; message: string };

const GRACE = 2_000; // ms between the last message and the end of the body

/** One GET of a session stream, from its request to its end. */
export class Reading {
  readonly finished: Promise<StreamEnd>;
  private readonly left = new AbortController();
  private readonly events = new EventStream();
  private readonly silence: Silence;
  private end: StreamEnd | null = null;

  constructor(
    private readonly transport: Transport,
    url: string,
    longestSilence: number,
    private readonly give: (message: Message) => void,
  ) {
    this.silence = new Silence(longestSilence, () => this.left.abort());
    this.finished = this.read(url);
  }

  leave(): void {
    this.left.abort();
  }

  wake(): void {
    this.silence.check();
  }

  private async read(url: string): Promise<StreamEnd> {
    try {
      const piece = (text: string): void => this.take(text);
      const { status } = await this.transport.read(url, piece, this.left.signal);
      if (status !== 200) return { kind: "error", message: `The server answered ${status}.` };
      return this.end ?? { kind: "broken" }; // CLIENT-012
    } catch {
      return this.end ?? { kind: "broken" };
    } finally {
      this.silence.stop();
    }
  }

  private take(text: string): void {
    this.silence.heard();
    for (const { data } of this.events.push(text)) {
      if (this.end !== null || this.left.signal.aborted) return;
      try {
        this.message(JSON.parse(data) as Message);
      } catch {
        this.leave(); // what is no message tells nothing about the rest either
      }
    }
  }

  private message(message: Message): void {
    if (message.msg === "close_stream") this.endWith({ kind: "closed" });
    else if (message.msg === "unexpected_error") {
      // CLIENT-011. A session that the server has not is one that a restart has ended.
      const told = message.session_not_found === true ? null : message.message;
      this.endWith(told ? { kind: "error", message: told } : { kind: "broken" });
    } else this.give(message);
  }

  // The server ends the body itself. Leaving before that could count as a reader who went away
  // (SSE-020), to the harm of a call that joins at this moment.
  private endWith(end: StreamEnd): void {
    this.end = end;
    if (end.kind === "closed") setTimeout(() => this.leave(), GRACE);
    else this.leave();
  }
}
