// A job is one call as its user sees it, however many backends it meets. What is decided is decided
// in failover.ts; this asks, carries out, and writes down what came of it.

import { Lost, Refused } from "../../html/static/session.js";
import type { Backend } from "./backend";
import { fits } from "./catalogue";
import { STRANGER, TRAITS } from "./endpoints";
import { next, usable } from "./failover";
import type { Attempt, Call, Candidate, End, Outcome } from "./failover";
import { latency } from "./health";

const LOST = "The connection was lost.";

export type Phase = "placing" | "sending" | "joining" | "waiting" | "running";

export interface Progress {
  index: number | null;
  length: number | null;
  desc: string | null;
  unit: string | null;
}
export interface Note {
  level: string;
  text: string;
}
export interface Order {
  endpoint: string;
  /** What it is about, for people: "harbour.txt". */
  subject: string;
  /** Names of its arguments; their values depend on the backend. */
  args: readonly string[];
  /** Bytes that have to be brought to the backend first. */
  missing: (backend: Backend) => number;
  /** Brings what is missing, and returns the arguments. */
  prepare: (backend: Backend, job: Job) => Promise<Record<string, unknown>>;
  /** Whether what the call needs is gone from the backend; asked after an error of the app. */
  forgotten?: (backend: Backend) => Promise<boolean>;
  /** The only backend that will do. */
  only?: string;
}

export class Job {
  state: Phase | End = "placing";
  backend: Backend | null = null;
  place: number | null = null;
  of: number | null = null;
  eta: number | null = null;
  progress: Progress | null = null;
  notes: Note[] = [];
  data: unknown[] | null = null;
  error: { title: string; message: string } | null = null;
  attempts: (Attempt & { reason: string })[] = [];
  stop = false;
  /** Ends the present attempt as lost. */
  abandon: (reason: string) => void = () => {};
  #cancel: (() => Promise<unknown>) | null = null;

  constructor(
    readonly number: number,
    readonly order: Order,
  ) {}

  get over(): boolean {
    return !["placing", "sending", "joining", "waiting", "running"].includes(this.state);
  }

  get call(): Call {
    const { endpoint } = this.order;
    return { endpoint, idempotent: (TRAITS[endpoint] ?? STRANGER).idempotent };
  }

  /** Asks; the end of the job tells whether it was in time (CLIENT-028). */
  cancel(): void {
    this.stop = true;
    this.#cancel?.().catch(() => this.abandon("The cancel could not be sent."));
  }

  /** Runs until its end, on as many backends as it takes. */
  async run(backends: () => readonly Backend[], jobs: () => readonly Job[], changed: () => void): Promise<void> {
    for (;;) {
      const candidates = backends().map((backend) => candidate(this, backend, jobs()));
      const step = next(this.call, this.attempts, candidates, this.stop);
      if (step.do === "end") {
        this.state = step.as;
        this.#explain(candidates);
        return changed();
      }
      const backend = backends().find(({ url }) => url === step.backend);
      if (!backend) continue;
      if (this.attempts.length > 0) this.#tellOfMove(backend);
      this.#start(backend);
      changed();
      this.attempts.push({ backend: backend.url, ...(await this.#attempt(backend, changed)) });
    }
  }

  #start(backend: Backend): void {
    Object.assign(this, { backend, state: "sending", place: null, of: null, eta: null });
    Object.assign(this, { progress: null, data: null, error: null });
  }

  async #attempt(backend: Backend, changed: () => void): Promise<{ outcome: Outcome; reason: string }> {
    try {
      const args = await this.order.prepare(backend, this);
      if (this.stop) return { outcome: { kind: "unsent" }, reason: "Cancelled." };
      this.state = "joining";
      changed();
      return await this.#follow(backend, args, changed);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.error = { title: "It could not be sent", message: reason };
      return { outcome: { kind: "unsent" }, reason };
    }
  }

  async #follow(backend: Backend, args: Record<string, unknown>, changed: () => void): Promise<{ outcome: Outcome; reason: string }> {
    let began = 0;
    let ended = false;
    const { promise, resolve } = withResolvers<{ outcome: Outcome; reason: string }>();
    const end = (outcome: Outcome, reason = "") => {
      ended = true;
      this.#cancel = null;
      this.abandon = () => {};
      resolve({ outcome, reason });
    };
    this.abandon = (reason) => end({ kind: "lost" }, reason);
    const tell = (kind: string, detail: any) => {
      if (ended) return; // a straggler of an attempt that was given up
      if (kind === "queued") {
        this.state = "waiting";
        const place = (detail.rank ?? 0) + 1;
        this.place = place;
        this.of = Math.max(detail.queue_size ?? 0, place);
        this.eta = detail.rank_eta ?? null;
      } else if (kind === "started") {
        this.state = "running";
        began = performance.now();
      } else if (kind === "progress") this.progress = detail?.[0] ?? null;
      else if (kind === "log") this.notes.push({ level: detail.level ?? "info", text: detail.log });
      else if (kind === "data") this.data = detail;
      else if (kind === "done") {
        this.data = detail;
        if (began) backend.took(this.order.endpoint, (performance.now() - began) / 1000);
        end({ kind: "done" });
      } else if (kind === "cancelled") end({ kind: "cancelled" });
      else if (kind === "lost") {
        backend.trouble("A stream broke.");
        end({ kind: "lost" }, detail instanceof TypeError ? LOST : detail.message); // "network error"
      } else if (kind === "failed") void this.#failed(backend, detail, end);
      changed();
    };
    try {
      const handle = await backend.session.submit(this.order.endpoint, args, tell);
      if (!ended) this.#cancel = () => handle.cancel();
      if (!ended && this.stop) this.cancel();
      const result = await promise;
      // What nobody can hear the end of need not go on there, if that can still be asked.
      if (result.outcome.kind === "lost" && this.call.idempotent) handle.cancel().catch(() => null);
      return result;
    } catch (error) {
      return ended ? promise : this.#refused(backend, error);
    }
  }

  #refused(backend: Backend, error: unknown): { outcome: Outcome; reason: string } {
    const reason = error instanceof Error ? error.message : String(error);
    this.error = { title: "It was refused", message: reason };
    if (!(error instanceof Refused)) {
      backend.trouble(reason);
      return { outcome: { kind: error instanceof Lost ? "unanswered" : "unsent" }, reason };
    }
    const { status } = error;
    if (status >= 500) backend.trouble(status === 503 ? "Its queue is full." : reason);
    return { outcome: { kind: "refused", status }, reason };
  }

  async #failed(
    backend: Backend,
    detail: { title?: string | null; error?: string | null },
    end: (outcome: Outcome, reason?: string) => void,
  ): Promise<void> {
    const message = detail.error ?? "It did not work.";
    this.error = { title: detail.title ?? "Error", message };
    const gone = await this.order.forgotten?.(backend).catch(() => false);
    end({ kind: gone ? "forgotten" : "failed" }, message);
  }

  #tellOfMove(backend: Backend): void {
    const last = this.attempts.at(-1);
    if (!last) return;
    const text =
      last.backend === backend.url
        ? `${backend.name} had forgotten the document; it is sent again.`
        : `Moved to ${backend.name}. ${last.reason}`.trim();
    this.notes.push({ level: "moved", text });
  }

  #explain(candidates: readonly Candidate[]): void {
    if (this.state === "lost") this.error = { title: "", message: LOST };
    if (this.state === "unknown")
      this.error = { title: "Unknown", message: "The connection was lost; the call may have had its effect." };
    if (this.state === "busy")
      this.error = { title: "The server is busy", message: "Every backend that could take the call is full." };
    if (this.state === "nowhere" && !this.error) {
      const there = candidates.some((one) => usable({ ...one, offers: true }));
      const message = there ? "No connected backend offers this endpoint." : "No backend is connected.";
      this.error = { title: "No backend can take this call", message };
    }
  }
}

function candidate(job: Job, backend: Backend, jobs: readonly Job[]): Candidate {
  const { endpoint, args, missing, only } = job.order;
  const known = backend.endpoints.get(endpoint);
  const own = jobs.filter((one) => !one.over && one !== job && one.backend === backend);
  const waiting = own.filter(({ state }) => state !== "running").length;
  const running = own.filter((one) => one.state === "running" && one.order.endpoint === endpoint).length;
  return {
    key: backend.url,
    health: backend.health.state,
    open: backend.open || only === backend.url,
    offers: known !== undefined && fits(known, args) && (only === undefined || only === backend.url),
    before: Math.max(backend.health.queue ?? 0, waiting) + running,
    seconds: backend.seconds.get(endpoint) ?? (TRAITS[endpoint] ?? STRANGER).seconds,
    missing: missing(backend),
    latency: latency(backend.health),
  };
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
