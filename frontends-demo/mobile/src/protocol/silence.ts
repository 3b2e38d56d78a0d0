/** ms without a byte after which a stream is lost: three heartbeat intervals (CLIENT-030). */
export const SILENCE = 45_000;

/**
 * Notices that a stream has fallen silent. By the clock and not by a timer alone, because timers of
 * a phone stand still while it sleeps.
 */
export class Silence {
  private last = Date.now();
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly longest: number, private readonly tooLong: () => void) {
    this.wait(longest);
  }

  heard(): void {
    this.last = Date.now();
  }

  check(): void {
    if (this.timer === null) return;
    clearTimeout(this.timer);
    const left = this.last + this.longest - Date.now();
    if (left > 0) this.wait(left);
    else {
      this.timer = null;
      this.tooLong();
    }
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private wait(ms: number): void {
    this.timer = setTimeout(() => this.check(), ms);
  }
}
