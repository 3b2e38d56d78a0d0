import { DeskClient, LoginRequired, WRONG_CREDENTIALS } from "./client";

const RETRY = [1000, 1000, 2000, 4000, 8000]; // ms between attempts to reach the server; the last goes on
const CHECK = 5000; // ms between looks at an idle server

export interface ConnectionState {
  phase: "connecting" | "login" | "connected" | "lost";
  client: DeskClient | null;
  /** Rises whenever the server has been found again, and may have forgotten what it knew. */
  epoch: number;
}

/** The connection of the page with its server, as a store for `useSyncExternalStore`. */
export class Connection {
  readonly url: string;
  #state: ConnectionState = { phase: "connecting", client: null, epoch: 0 };
  #listeners = new Set<() => void>();
  #recovering = false;

  constructor(url: string) {
    this.url = url.replace(/\/$/, "");
    void this.#open().catch(() => this.lost());
    setInterval(() => void this.#check(), CHECK);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  snapshot = (): ConnectionState => this.#state;

  /** Logs in; returns what to tell the user if that fails. */
  async logIn(name: string, password: string): Promise<string | null> {
    try {
      await this.#open([name, password]);
      return this.#state.phase === "connected" ? null : WRONG_CREDENTIALS;
    } catch (error) {
      const { message } = error as Error;
      return message === WRONG_CREDENTIALS ? message : "The server does not answer.";
    }
  }

  async logOut(): Promise<void> {
    this.#state.client?.close();
    this.#set({ phase: "connecting", client: null });
    const leave = { credentials: "include", redirect: "manual" } as const;
    await fetch(`${this.url}/logout`, leave).catch(() => undefined);
    await this.#open().catch(() => this.lost());
  }

  /** Tells that the server did not answer or a stream broke off; goes on until it is back. */
  lost = (): void => {
    if (this.#recovering || this.#state.phase === "login") return;
    this.#recovering = true;
    this.#set({ phase: "lost" });
    void this.#recover().finally(() => (this.#recovering = false));
  };

  async #recover(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      await soon(RETRY[attempt] ?? RETRY.at(-1)!);
      try {
        if (await this.#again()) return;
      } catch {
        // the next attempt may do better
      }
    }
  }

  async #again(): Promise<boolean> {
    const found = (await this.#state.client?.reconnect()) ?? "changed";
    if (found === "connected") {
      this.#set({ phase: "connected", epoch: this.#state.epoch + 1 });
    } else if (found === "changed") {
      await this.#open(); // another process: its functions may have other ids
    }
    return found !== "broken";
  }

  /** A server that nobody calls is not missed; and one that was restarted has forgotten the shelf. */
  async #check(): Promise<void> {
    const { phase, client } = this.#state;
    if (phase !== "connected" || !client || client.stream_status.open || document.hidden) return;
    const found = await client.reconnect();
    if (client !== this.#state.client || this.#state.phase !== "connected") return;
    if (found === "broken") this.lost();
    if (found === "changed") await this.#open().catch(this.lost);
  }

  async #open(auth?: [string, string]): Promise<void> {
    try {
      const client = await DeskClient.connect(this.url, {
        auth,
        credentials: "include",
        events: ["data", "status", "log"],
        record_history: false, // what a user writes is not left behind in the browser
      });
      if (!client.api_info) throw new Error("The server did not tell its endpoints.");
      client.onlost = this.lost;
      client.onlogin = () => this.#set({ phase: "login", client: null });
      this.#set({ phase: "connected", client, epoch: this.#state.epoch + 1 });
    } catch (error) {
      if (!(error instanceof LoginRequired)) throw error;
      this.#set({ phase: "login", client: null });
    }
  }

  #set(change: Partial<ConnectionState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** After some milliseconds, or as soon as the network is back. */
function soon(delay: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, delay);
    window.addEventListener("online", done);
  });
}
