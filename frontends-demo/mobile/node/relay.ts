import { createServer, connect } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

/** What is between a phone and its server: it can break every connection, and lead elsewhere. */
export class Relay {
  private readonly open = new Set<Socket>();
  private readonly server: Server;
  private up = true;

  private constructor(private target: URL) {
    this.server = createServer((near) => this.join(near));
  }

  static async to(url: string): Promise<Relay> {
    const relay = new Relay(new URL(url));
    await new Promise<void>((ready) => relay.server.listen(0, "127.0.0.1", ready));
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Breaks what is open; nothing new goes through until `mend`. */
  cut(): void {
    this.up = false;
    for (const socket of this.open) socket.destroy();
  }

  mend(url?: string): void {
    if (url) this.target = new URL(url);
    this.up = true;
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private join(near: Socket): void {
    if (!this.up) {
      near.destroy();
      return;
    }
    const far = connect(Number(this.target.port), this.target.hostname);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      this.open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
