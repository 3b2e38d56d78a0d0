// One backend: what it announces, how it fares, the session with it. The protocol is spoken by
// html/static/session.js; this adds a light request every few seconds and what comes of it.
//
// Requests carry credentials, which servers of this machine allow its pages (CORS-001). Cookies
// know no ports: a log-in's cookie goes to all backends of its host, under a name of its own each.

import { Lost, Refused, Session } from "../../html/static/session.js";
import { endpoints } from "./catalogue";
import type { Config, Endpoint } from "./catalogue";
import type { FileData } from "./endpoints";
import { after, pause, unknown } from "./health";
import type { Health, Sign } from "./health";

const PATIENCE = 4000; // ms for a light request

export class Backend {
  health: Health = unknown;
  config: Config | null = null;
  endpoints: ReadonlyMap<string, Endpoint> = new Map();
  /** False: it gets no new calls. */
  open = true;
  /** Mean seconds of the calls of an endpoint, measured here. */
  readonly seconds = new Map<string, number>();
  session: Session;
  /** What the session had there is gone or out of reach: the process, the log-in, the connection. */
  onGone: (reason: string) => void = () => {};
  /** It answers again after that, or for the first time. */
  onBack: () => void = () => {};

  #known = false;
  #wake: () => void = () => {};
  #closed = false;

  constructor(
    readonly url: string,
    readonly name: string,
    readonly letter: string,
    private readonly changed: () => void,
  ) {
    this.session = this.#begin();
  }

  /** Look after it until `close`. */
  async watch(): Promise<void> {
    while (!this.#closed) {
      await this.#look();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause(this.health));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  close(): void {
    this.#closed = true;
    this.session.close();
    this.#wake();
  }

  /** Something went wrong with a call: it is looked after at once. */
  trouble(reason: string): void {
    this.#notice({ kind: "trouble", reason });
    this.#wake();
  }

  took(endpoint: string, seconds: number): void {
    const before = this.seconds.get(endpoint) ?? seconds;
    this.seconds.set(endpoint, (before + seconds) / 2);
  }

  admit(open: boolean): void {
    this.open = open;
    this.changed();
  }

  /** A new session: what the old one left there cannot be reached any more. */
  renew(): void {
    this.onGone("The session was left.");
    this.session.close();
    this.session = this.#begin();
    this.#known = false;
    this.#wake();
  }

  /** Returns null, or what was wrong. */
  async login(name: string, password: string): Promise<string | null> {
    try {
      await this.session.login(name, password);
    } catch (error) {
      const wrong = error instanceof Refused && error.status < 500;
      return wrong ? "The name or the password is not right." : reasonOf(error);
    }
    this.#wake();
    return null;
  }

  async logout(): Promise<void> {
    await this.session.logout().catch(() => null);
    this.#wake();
  }

  /** On this backend, whatever origin it names itself by (CLIENT-032). */
  fileUrl(file: FileData): string {
    const url = this.session.url(file);
    if (URL.canParse(url) && new URL(url).origin === new URL(this.url).origin) return url;
    return this.session.url({ ...file, url: null });
  }

  async fetchFile(file: FileData): Promise<Blob> {
    const response = await fetch(this.fileUrl(file), { credentials: "include" });
    if (!response.ok) throw new Error(`${this.name} answered ${response.status}.`);
    return response.blob();
  }

  #begin(): Session {
    const session = new Session(this.url);
    session.addEventListener("connection", () => this.#wake());
    return session;
  }

  async #look(): Promise<void> {
    try {
      if (!this.#known) await this.#learn();
      const began = performance.now();
      const { queue_size } = await this.#ask("queue/status");
      this.#notice({ kind: "answer", ms: performance.now() - began, queue: Number(queue_size ?? 0) });
      if ((await this.#ask("app_id")).app_id !== this.config?.app_id) await this.#learnAnew();
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.#lock();
      else this.#notice({ kind: "silence", reason: reasonOf(error) });
    }
  }

  /** What it announces. */
  async #learn(): Promise<void> {
    await this.session.open();
    this.#known = true;
    this.config = this.session.config;
    const understood = this.config.protocol === "sse_v3";
    this.endpoints = understood ? endpoints(this.session) : new Map();
    this.onBack();
  }

  /** Another process answers (DISC-022): functions have other numbers, sessions are gone. */
  async #learnAnew(): Promise<void> {
    this.onGone("It was restarted.");
    this.session.close();
    this.session = this.#begin();
    await this.#learn();
    this.changed();
  }

  #lock(): void {
    const news = this.health.state !== "locked";
    this.#known = false;
    this.#notice({ kind: "locked" });
    if (news) this.onGone("It wants a log-in.");
  }

  #notice(sign: Sign): void {
    const was = this.health.state;
    this.health = after(this.health, sign);
    if (this.health.state === "down" && was !== "down") this.onGone("It went down.");
    this.changed();
  }

  async #ask(route: string): Promise<Record<string, unknown>> {
    const signal = AbortSignal.timeout(PATIENCE);
    const url = `${this.session.api}/${route}`;
    const response = await fetch(url, { credentials: "include", cache: "no-store", signal });
    if (!response.ok) throw new Refused(response.status, null);
    return response.json();
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === "TimeoutError") return "It does not answer in time.";
  // Or it lets this page read nothing; browsers do not tell which.
  if (error instanceof TypeError || error instanceof Lost) return "It cannot be reached.";
  return error instanceof Error ? error.message : String(error);
}
