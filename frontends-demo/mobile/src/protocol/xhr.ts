import { EVENT_STREAM, Unreachable } from "./transport";
import type { Exchange, Reply, Transport } from "./transport";

const LOADING = 3;

/**
 * Over XMLHttpRequest, whose text grows while the body comes. It is kept until the stream ends, so
 * a stream costs as much memory as it has text; the session's stream ends whenever all is done.
 */
export class XhrTransport implements Transport {
  constructor(private readonly make: () => XMLHttpRequest = () => new XMLHttpRequest()) {}

  send(exchange: Exchange): Promise<Reply> {
    return this.exchange(exchange, () => undefined);
  }

  async read(url: string, piece: (text: string) => void, signal: AbortSignal): Promise<Reply> {
    let taken = 0;
    const more = (request: XMLHttpRequest): void => {
      if (request.status !== 200 || signal.aborted) return;
      const text = request.responseText;
      const fresh = text.slice(taken);
      taken = text.length;
      if (fresh !== "") piece(fresh);
    };
    const headers = { Accept: EVENT_STREAM };
    const reply = await this.exchange({ method: "GET", url, headers, signal }, more);
    return reply.status === 200 ? { status: 200, text: "" } : reply;
  }

  private exchange(
    { method, url, headers, body, sent, signal }: Exchange,
    more: (request: XMLHttpRequest) => void,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const request = this.make();
      const end = (settle: () => void): void => {
        signal?.removeEventListener("abort", abort);
        settle();
      };
      const fail = (why: string) => (): void => end(() => reject(new Unreachable(why)));
      // A browser tells of no abort, and of no load, of a request that is left in its last progress.
      const abort = (): void => {
        request.abort();
        fail(`${url} was left.`)();
      };
      request.open(method, url);
      request.withCredentials = true; // a no-op for the app's own origin, and on phones
      for (const [name, value] of Object.entries(headers ?? {})) {
        request.setRequestHeader(name, value);
      }
      request.onreadystatechange = (): void => {
        if (request.readyState === LOADING) more(request);
      };
      request.onprogress = (): void => more(request);
      request.onload = (): void => {
        more(request);
        end(() => resolve({ status: request.status, text: request.responseText }));
      };
      request.onerror = fail(`${url} cannot be reached, or broke off.`);
      request.onabort = fail(`${url} was left.`);
      if (sent && request.upload) {
        request.upload.onprogress = (event) => sent(event.loaded, event.total);
      }
      if (signal?.aborted) return fail(`${url} was left.`)();
      signal?.addEventListener("abort", abort);
      request.send(body ?? null);
    });
  }
}
