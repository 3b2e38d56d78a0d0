// What the protocol needs of a network. Two implementations: `xhr.ts` for every React Native,
// `streams.ts` for platforms with fetch streams. Neither EventSource nor a DOM is wanted.

export interface Exchange {
  method: "GET" | "POST";
  url: string;
  headers?: Record<string, string>;
  body?: string | FormData;
  /** Bytes of the body that are on their way, of `total`; by XMLHttpRequest only. */
  sent?: (bytes: number, total: number) => void;
  signal?: AbortSignal;
}

export interface Reply {
  status: number;
  /** The body; empty after a successful `read`, which has handed it out in pieces. */
  text: string;
}

/** No answer, or none to its end. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

export interface Transport {
  /** A whole exchange, with the user's cookies; rejects with `Unreachable`. */
  send(exchange: Exchange): Promise<Reply>;

  /**
   * A body in pieces, decoded, as they come. Resolves at the end of the body; with the whole text
   * if the status is not 200. Rejects with `Unreachable` if it breaks off or `signal` aborts it.
   */
  read(url: string, piece: (text: string) => void, signal: AbortSignal): Promise<Reply>;
}

export const EVENT_STREAM = "text/event-stream";
export const JSON_TYPE = "application/json";
