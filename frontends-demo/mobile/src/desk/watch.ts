// Whether the server is there. Told by every answer and by every loss, and asked for: now and then
// while it is there, at growing intervals while it is lost, never while the app is out of sight.

import { Heartbeat, Refused } from "../protocol";
import type { Session, Transport } from "../protocol";

export type Connection = "connecting" | "connected" | "lost";

export interface WatchOptions {
  transport: Transport;
  /** Reads what the server offers; rejects if it cannot, with `Refused` if it does not want to. */
  connect: () => Promise<Session>;
  /** The server is there for the first time, again, or as another process than before. */
  renewed: () => void;
  shown: (connection: Connection) => void;
}

const PULSE = 10_000; // ms between two looks at a server that is there
const FIRST_RETRY = 1_000; // ms; doubled from one to the next
const LONGEST_RETRY = 8_000;

export class Watch {
  private session: Session | null = null;
  private heartbeat: Heartbeat | null = null;
  private connection: Connection = "connecting";
  private appId: string | null = null;
  private retry = FIRST_RETRY;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private looking = 0; // the number of the look that counts; the ones before it are void
  private active = false;
  private resting = false;

  constructor(private readonly options: WatchOptions) {}

  /** Begins from nothing, as for a server that was never seen. */
  start(): void {
    this.stop();
    this.active = true;
    this.show("connecting");
    void this.look();
  }

  stop(): void {
    this.active = false;
    this.looking += 1;
    this.heartbeat?.stop();
    this.heartbeat = null;
    this.session = null;
    this.appId = null;
    this.retry = FIRST_RETRY;
    this.after(null);
  }

  rest(): void {
    this.resting = true;
    this.after(null);
  }

  wake(): void {
    this.resting = false;
    this.heartbeat?.wake();
    if (this.active) void this.look();
  }

  /** The server has answered something. */
  reached(): void {
    if (this.active && this.connection === "lost" && this.timer !== null) void this.look();
  }

  /** The server has not answered, or a stream was lost. */
  doubt(): void {
    if (!this.active || this.connection === "lost") return;
    this.show("lost");
    this.heartbeat?.stop();
    this.heartbeat = null;
    this.retry = FIRST_RETRY;
    this.looking += 1; // what is being asked now was asked before the loss
    this.after(this.retry);
  }

  private async look(): Promise<void> {
    this.after(null);
    const look = (this.looking += 1);
    try {
      const { session } = this;
      if (this.connection === "connected" && session && (await this.unchanged(session))) {
        return;
      }
      await this.reconnect(look);
    } catch (error) {
      if (look === this.looking) this.failed(error);
    } finally {
      if (look === this.looking && this.connection === "connected") this.after(PULSE);
    }
  }

  // The session itself tells `doubt` if there is no answer. A refusal comes of a log-in that has
  // ended, which connecting anew finds out.
  private async unchanged(session: Session): Promise<boolean> {
    try {
      return (await session.appId()) === this.appId;
    } catch (error) {
      if (error instanceof Refused) return false;
      throw error;
    }
  }

  private async reconnect(look: number): Promise<void> {
    const session = await this.options.connect();
    if (look !== this.looking) return;
    this.session = session;
    this.appId = session.server.appId;
    this.retry = FIRST_RETRY;
    this.show("connected");
    this.hold(session);
    this.options.renewed();
  }

  // CLIENT-023: one heartbeat, where the server wants it.
  private hold(session: Session): void {
    if (!session.server.heartbeat || this.heartbeat) return;
    const { transport } = this.options;
    const lost = (): void => {
      this.heartbeat = null;
      this.doubt();
    };
    this.heartbeat = new Heartbeat(transport, session.server.api, session.hash, lost);
  }

  private failed(error: unknown): void {
    if (error instanceof Refused && error.status === 401) {
      this.active = false; // it is there, and waits for a person to log in
      this.show("connected");
      return;
    }
    this.show("lost");
    this.after(this.retry);
    this.retry = Math.min(2 * this.retry, LONGEST_RETRY);
  }

  private show(connection: Connection): void {
    this.connection = connection;
    this.options.shown(connection);
  }

  private after(ms: number | null): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (ms === null || this.resting || !this.active) return;
    this.timer = setTimeout(() => void this.look(), ms);
  }
}
