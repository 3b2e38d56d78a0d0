// The client of the protocol is a module of its own: html/static/session.js.
declare module "*/session.js" {
  export type Tell = (kind: string, detail: any) => void;
  /** The connection was lost, and with it all that was outstanding. */
  export class Lost extends Error {}
  export class Refused extends Error {
    readonly status: number;
    constructor(status: number, detail: unknown);
  }
  /** Its event `connection` has the detail connected, lost or login. */
  export class Session extends EventTarget {
    readonly config: import("./catalogue").Config;
    readonly endpoints: Record<string, import("./catalogue").Endpoint>;
    readonly api: string;
    constructor(base: string);
    open(): Promise<void>;
    close(): void;
    login(username: string, password: string): Promise<void>;
    logout(): Promise<void>;
    submit(name: string, named: Record<string, unknown>, tell: Tell): Promise<{ cancel(): Promise<unknown> }>;
    upload(file: File, progress: (loaded: number, total: number) => void): Promise<Record<string, unknown>>;
    url(file: { path: string; url?: string | null }): string;
  }
}
