import { EVENT_STREAM, Unreachable } from "./transport";
import type { Exchange, Reply, Transport } from "./transport";

interface Body {
  getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array }> };
}

interface Answer {
  status: number;
  body: Body | null;
  text(): Promise<string>;
}

interface Init {
  method?: string;
  headers?: Record<string, string>;
  body?: string | FormData;
  signal?: AbortSignal;
  credentials: "include";
}

/** As much of fetch as is needed; the browser's, Node's and `expo/fetch` have it. */
export type Fetch = (url: string, init: Init) => Promise<Answer>;

/** Over a fetch with streams; nothing is kept of what has been handed out. */
export class FetchTransport implements Transport {
  constructor(private readonly fetch: Fetch) {}

  async send({ method, url, headers, body, signal }: Exchange): Promise<Reply> {
    const init: Init = { method, credentials: "include" };
    if (headers) init.headers = headers;
    if (body !== undefined) init.body = body;
    if (signal) init.signal = signal;
    try {
      const answer = await this.fetch(url, init);
      return { status: answer.status, text: await answer.text() };
    } catch (error) {
      throw unreachable(url, error);
    }
  }

  async read(url: string, piece: (text: string) => void, signal: AbortSignal): Promise<Reply> {
    // Not every fetch ends a body that is left at the very moment when it would have ended.
    const left = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new Unreachable(`${url} was left.`)));
    });
    return Promise.race([this.pieces(url, piece, signal), left]);
  }

  private async pieces(
    url: string, piece: (text: string) => void, signal: AbortSignal,
  ): Promise<Reply> {
    try {
      const headers = { Accept: EVENT_STREAM };
      const answer = await this.fetch(url, { headers, signal, credentials: "include" });
      if (answer.status !== 200) return { status: answer.status, text: await answer.text() };
      const reader = answer.body?.getReader();
      // It keeps a character that two pieces share (CLIENT-016); a mark is taken off by `EventStream`.
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
        if (signal.aborted) break;
        piece(decoder.decode(next.value, { stream: true }));
      }
      return { status: 200, text: "" };
    } catch (error) {
      throw unreachable(url, error);
    }
  }
}

function unreachable(url: string, error: unknown): Unreachable {
  const why = error instanceof Error ? error.message : String(error);
  return new Unreachable(`${url} cannot be reached, or broke off: ${why}`);
}
