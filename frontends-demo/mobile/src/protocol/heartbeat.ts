import { SILENCE, Silence } from "./silence";
import type { Transport } from "./transport";

/**
 * The heartbeat of a session, held open where the server asks for one (CLIENT-023); of the session
 * and of nothing else (CLIENT-022). `lost` is told once, when it ends or falls silent.
 */
export class Heartbeat {
  private readonly left = new AbortController();
  private readonly silence = new Silence(SILENCE, () => this.left.abort());
  private stopped = false;

  constructor(transport: Transport, api: string, hash: string, lost: () => void) {
    const url = `${api}/heartbeat/${encodeURIComponent(hash)}`;
    transport
      .read(url, () => this.silence.heard(), this.left.signal)
      .catch(() => undefined)
      .then(() => {
        this.silence.stop();
        if (!this.stopped) lost();
      })
      .catch(() => undefined);
  }

  wake(): void {
    this.silence.check();
  }

  stop(): void {
    this.stopped = true;
    this.left.abort();
  }
}
