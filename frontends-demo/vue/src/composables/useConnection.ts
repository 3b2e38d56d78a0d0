import { inject, onScopeDispose, readonly, ref, shallowRef } from "vue";
import type { InjectionKey } from "vue";
import { Refused } from "../protocol/http";
import * as login from "../protocol/login";
import { Session } from "../protocol/session";

const RETRY = [1000, 1000, 2000, 4000, 8000]; // ms between attempts to reach a server; the last goes on
const CHECK = 5000; // ms between looks at an idle server

export type Phase = "connecting" | "login" | "connected" | "lost";
export type Connection = ReturnType<typeof connect>;
export const CONNECTION: InjectionKey<Connection> = Symbol("connection");

export function useConnection(): Connection {
  const connection = inject(CONNECTION);
  if (!connection) throw new Error("useConnection needs a provided connection");
  return connection;
}

/** The connection with a server: a session, opened again whenever the server is another one. */
export function connect(server: string) {
  const phase = ref<Phase>("connecting");
  const session = shallowRef<Session | null>(null);
  const epoch = ref(0); // rises whenever the server was found again, and may have forgotten things
  let recovering = false;

  /** Opens a session, or finds that one has to log in. Raises if the server does not answer. */
  async function open(): Promise<void> {
    try {
      session.value = await Session.open(server);
      Object.assign(session.value, { onlost: lost, onlogin: askWho });
      found();
    } catch (error) {
      if (!(error instanceof Refused && error.status === 401)) throw error;
      askWho();
    }
  }

  function askWho(): void {
    session.value = null;
    phase.value = "login";
  }

  function found(): void {
    phase.value = "connected";
    epoch.value++;
  }

  /** A stream broke off or a request got no answer: goes on until the server is back. */
  function lost(): void {
    if (recovering || phase.value === "login") return;
    recovering = true;
    phase.value = "lost";
    void recover().finally(() => (recovering = false));
  }

  async function recover(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      await soon(RETRY[attempt] ?? RETRY.at(-1)!);
      try {
        if (await session.value?.reaches()) found();
        else await open(); // another process: its functions may have other ids
        return;
      } catch {
        // the next attempt may do better
      }
    }
  }

  /** A server that nobody calls is not missed; and one that was restarted has forgotten the shelf. */
  async function check(): Promise<void> {
    const asked = session.value;
    if (phase.value !== "connected" || !asked?.idle || document.hidden) return;
    try {
      const same = await asked.reaches();
      if (!same && asked === session.value) await open();
    } catch {
      lost();
    }
  }

  /** Returns what to tell the user if it fails. */
  async function logIn(name: string, password: string): Promise<string | null> {
    try {
      if (await login.logIn(server, name, password)) await open();
      return phase.value === "login" ? "The name or the password is not right." : null;
    } catch {
      return "The server does not answer.";
    }
  }

  async function logOut(): Promise<void> {
    session.value = null;
    phase.value = "connecting";
    await login.logOut(server).catch(() => undefined);
    await open().catch(lost);
  }

  const timer = setInterval(() => void check(), CHECK);
  onScopeDispose(() => clearInterval(timer), true);
  void open().catch(lost);
  return { server, phase: readonly(phase), session, epoch: readonly(epoch), lost, logIn, logOut };
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
