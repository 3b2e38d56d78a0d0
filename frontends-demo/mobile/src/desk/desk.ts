// Desk without a screen: one session with a server, its shelf and its three tools. Everything that
// a screen shows is in `state`, which is replaced whenever anything has changed.

import { LOST, Refused, Session, ended, logIn, logOut } from "../protocol";
import type { Call, Failure, FileData, Json, Transport, Upload } from "../protocol";
import { Watch } from "./watch";
import { READY, STARTED, after, busy } from "./run";
import type { Run } from "./run";
import type { Document } from "./shapes";

export type Tool = "write" | "search" | "poster";
export type Arguments = Record<string, Json>;

const ENDPOINTS = { write: "/write_on", search: "/search", poster: "/poster" } as const;

export interface State {
  server: string;
  connection: "none" | "connecting" | "connected" | "lost";
  /** Where the server has answered, but is no Desk. */
  trouble: Failure | null;
  login: { wanted: boolean; busy: boolean; failure: Failure | null; user: string | null };
  version: string;
  documents: Document[];
  /** Of pictures that this device has sent: where it shows them from. */
  previews: Record<string, string>;
  upload: { name: string; sent: number; total: number | null } | null;
  shelf: Run;
  tools: Record<Tool, Run>;
}

export interface DeskOptions {
  transport: Transport;
  /** A fresh session hash (CLIENT-003). */
  hash: () => string;
}

const NOT_RIGHT: Failure = {
  title: "Not logged in", message: "The name or the password is not right.", again: false,
};

const EMPTY: Omit<State, "server" | "connection"> = {
  trouble: null,
  login: { wanted: false, busy: false, failure: null, user: null },
  version: "",
  documents: [],
  previews: {},
  upload: null,
  shelf: READY,
  tools: { write: READY, search: READY, poster: READY },
};

export class Desk {
  state: State = { ...EMPTY, server: "", connection: "none" };
  private readonly listeners = new Set<() => void>();
  private session: Session | null = null;
  private readonly calls: Partial<Record<Tool, Call>> = {};
  private readonly latest: Partial<Record<Tool, Arguments>> = {};
  private readonly watch: Watch;

  constructor(private readonly options: DeskOptions) {
    this.watch = new Watch({
      transport: options.transport,
      connect: () => this.connect(),
      renewed: () => this.renewed(),
      shown: (connection) => this.set({ connection }),
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): State => this.state;

  /** Leaves the server there is, and goes to the one at `server`; "" goes nowhere. */
  use(server: string): void {
    this.leave();
    const base = server.replace(/\/+$/, "");
    this.state = { ...EMPTY, server: base, connection: base ? "connecting" : "none" };
    this.set({});
    if (base) this.watch.start();
  }

  /** The app is seen again, or the network has changed: look at once. */
  wake(): void {
    this.session?.wake();
    this.watch.wake();
  }

  /** The app is out of sight: nothing is asked of the server on its own account. */
  rest(): void {
    this.watch.rest();
  }

  leave(): void {
    this.watch.stop();
    this.session?.close();
    this.session = null;
  }

  async logIn(name: string, password: string): Promise<void> {
    this.setLogin({ busy: true, failure: null });
    try {
      await logIn(this.options.transport, this.state.server, name, password);
      this.setLogin({ busy: false, wanted: false });
      this.watch.start();
    } catch (error) {
      this.setLogin({ busy: false, failure: error instanceof Refused ? NOT_RIGHT : LOST });
    }
  }

  async logOut(): Promise<void> {
    await logOut(this.options.transport, this.state.server).catch(() => undefined);
    this.use(this.state.server);
  }

  async add(file: Upload, preview: string | null): Promise<void> {
    const { session } = this;
    if (!session || this.state.upload) return;
    this.set({ shelf: READY, upload: { name: file.name, sent: 0, total: file.size } });
    try {
      const data = await session.upload(file, (sent, total) => {
        if (this.state.upload) this.set({ upload: { name: file.name, sent, total } });
      });
      const values = await this.ask("/shelve", { file: data as unknown as Json });
      const document = values?.[0] as unknown as Document | undefined;
      if (document && preview && document.kind === "picture") {
        this.set({ previews: { ...this.state.previews, [document.id]: preview } });
      }
      if (document) await this.readShelf();
    } catch (error) {
      this.set({ shelf: after(this.state.shelf, ended(error)) });
    } finally {
      this.set({ upload: null });
    }
  }

  async empty(): Promise<void> {
    this.set({ shelf: READY });
    if (await this.ask("/empty_shelf", {})) this.set({ documents: [], previews: {} });
  }

  /** Tells of a file that cannot even be read on this device. */
  refuse(message: string): void {
    const failure = { title: "Cannot read this file", message, again: false };
    this.set({ shelf: { ...READY, phase: "failed", failure } });
  }

  fileUrl(file: FileData): string | null {
    return this.session?.fileUrl(file) ?? null;
  }

  start(tool: Tool, given: Arguments): void {
    const { session } = this;
    if (!session || busy(this.state.tools[tool])) return;
    this.latest[tool] = given;
    this.setTool(tool, STARTED);
    this.calls[tool] = session.call(ENDPOINTS[tool], given, (news) => {
      if (session === this.session) this.setTool(tool, after(this.state.tools[tool], news));
    });
  }

  /** Calls anew with the same arguments. */
  again(tool: Tool): void {
    const given = this.latest[tool];
    if (given) this.start(tool, given);
  }

  cancel(tool: Tool): void {
    this.calls[tool]?.cancel();
  }

  // Throws what `Session.open` throws; the watch makes of it what the connection is.
  private async connect(): Promise<Session> {
    const { server } = this.state;
    const { transport, hash } = this.options;
    const reached = (yes: boolean): void => (yes ? this.watch.reached() : this.watch.doubt());
    try {
      const known = this.session;
      await known?.refresh();
      const session =
        known ?? (await Session.open({ transport, base: server, hash: hash(), reached }));
      if (server !== this.state.server) throw new Error("left meanwhile");
      this.session = session;
      const { user, version } = session.server;
      this.set({ trouble: null, version });
      this.setLogin({ wanted: false, user });
      return session;
    } catch (error) {
      if (error instanceof Refused && server === this.state.server) this.refused(error);
      throw error;
    }
  }

  private refused({ status, failure }: Refused): void {
    this.session?.close();
    this.session = null;
    const { login } = this.state;
    if (status !== 401) this.set({ trouble: failure });
    else this.set({ ...EMPTY, login: { ...login, wanted: true, user: null } });
  }

  // A server that has started anew has no shelf of ours.
  private renewed(): void {
    void this.readShelf();
  }

  private async readShelf(): Promise<void> {
    const values = await this.ask("/shelf", {});
    if (values) this.set({ documents: (values[0] as unknown as Document[] | null) ?? [] });
  }

  // One call of the shelf's; null if it did not succeed, which the shelf then shows.
  private ask(name: string, given: Arguments): Promise<Json[] | null> {
    const { session } = this;
    if (!session) return Promise.resolve(null);
    return new Promise((resolve) => {
      session.call(name, given, (news) => {
        if (session !== this.session) return resolve(null);
        this.set({ shelf: after(this.state.shelf, news) });
        if (news.kind === "done") resolve(news.values);
        else if (["cancelled", "failed", "refused", "lost"].includes(news.kind)) resolve(null);
      });
    });
  }

  private setLogin(change: Partial<State["login"]>): void {
    this.set({ login: { ...this.state.login, ...change } });
  }

  private setTool(tool: Tool, run: Run): void {
    this.set({ tools: { ...this.state.tools, [tool]: run } });
  }

  private set(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
