// One session with a Gradio server: calls join the queue, and one stream carries the messages of
// all of them. Ids such as CLIENT-004 are clauses; `gradio-protocol explain CLIENT-004` tells more.

import { directory, positional, withDeadline } from "./directory";
import type { Directory } from "./directory";
import type { Json } from "./edits";
import { LOST, Refused, parsed } from "./failures";
import { Job } from "./job";
import type { End, FileData, Message, Tell } from "./messages";
import { Reading } from "./reading";
import { SILENCE } from "./silence";
import { JSON_TYPE, Unreachable } from "./transport";
import type { Exchange, Reply, Transport } from "./transport";

export interface SessionOptions {
  transport: Transport;
  /** URL of the server, without a slash at its end. */
  base: string;
  /** Fresh and unguessable, of at least 64 bits of chance (CLIENT-003). */
  hash: string;
  /** Told whenever the server has answered, and whenever it did not or a stream was lost. */
  reached?: (yes: boolean) => void;
  /** ms without a byte after which the stream counts as lost. */
  silence?: number;
}

export interface Call {
  /** Asks for the end; whether it was cancelled is told by the end alone (CLIENT-028). */
  cancel(): void;
}

/** A file of the platform's: a Blob, or what React Native takes for one in a form. */
export interface Upload {
  name: string;
  type: string;
  size: number | null;
  body: Blob | { uri: string; name: string; type: string };
}

const MOST_BARREN = 2; // streams in a row that brought nothing for calls that wait

export class Session {
  private jobs = new Map<string, Job>();
  private early = new Map<string, Message[]>(); // overtook the answer to their join: CLIENT-008
  private joining = 0;
  private losses = 0;
  private stale = false;
  private closed = false;
  private reading: Reading | null = null;

  private constructor(private readonly options: SessionOptions, public server: Directory) {}

  /** Throws `Refused` (401: log in first) or `Unreachable`. */
  static async open(options: SessionOptions): Promise<Session> {
    return new Session(options, await directory(options.transport, options.base));
  }

  get hash(): string {
    return this.options.hash;
  }

  /** The names that a user may be offered: those that /info lists (CLIENT-034). */
  get endpoints(): string[] {
    const listed = [...this.server.endpoints].filter(([, { parameters }]) => parameters !== null);
    return listed.map(([name]) => name);
  }

  /** Reads anew what the server offers; it may be another process with other numbers. */
  async refresh(): Promise<Directory> {
    this.server = await directory(this.options.transport, this.options.base);
    this.stale = false;
    return this.server;
  }

  /** Calls an endpoint such as "/search"; never throws, `tell` gets every end. */
  call(name: string, given: Record<string, Json> | Json[], tell: Tell): Call {
    let job: Job | null = null;
    let cancelled = false;
    void this.join(name, given, tell).then((joined) => {
      job = joined;
      if (cancelled && job) this.cancel(job);
    });
    return {
      cancel: () => {
        cancelled = true;
        if (job) this.cancel(job);
      },
    };
  }

  /** Uploads one file, and resolves to how a call names it (CLIENT-025, CLIENT-026). */
  async upload(file: Upload, sent?: (bytes: number, total: number) => void): Promise<FileData> {
    const most = this.server.largestFile;
    if (most !== null && file.size !== null && file.size > most) {
      const message = `${file.name} has ${file.size} bytes, the server takes ${most}.`;
      throw new Refused(413, { title: "The file is too large", message, again: false });
    }
    const body = new FormData();
    if (file.body instanceof Blob) body.append("files", file.body, file.name);
    else body.append("files", file.body as unknown as Blob);
    const url = `${this.server.api}/upload`;
    const paths = parsed(await this.send({ method: "POST", url, body, ...(sent && { sent }) }));
    const path = Array.isArray(paths) ? (paths[0] as unknown) : null;
    if (typeof path !== "string") throw new Unreachable("The upload returned no path.");
    const meta = { _type: "gradio.FileData" } as const;
    return { path, orig_name: file.name, size: file.size, mime_type: file.type, meta };
  }

  /** Where a file of an output is, on the server this session is with (CLIENT-032). */
  fileUrl({ path }: FileData): string {
    return `${this.server.api}/file=${path.split("/").map(encodeURIComponent).join("/")}`;
  }

  /** The id of the server's process now; another one than before is a server that has started anew. */
  async appId(): Promise<string> {
    const url = `${this.server.api}/app_id`;
    const ask = (signal: AbortSignal): Promise<Reply> => this.send({ method: "GET", url, signal });
    const body = parsed(await withDeadline(ask)) as { app_id?: string | number };
    return String(body.app_id ?? "");
  }

  /** Call when the device wakes up: timers have slept, so a silence may be over its time. */
  wake(): void {
    this.reading?.wake();
  }

  close(): void {
    this.closed = true;
    this.jobs.clear();
    this.reading?.leave();
  }

  private async join(name: string, given: Record<string, Json> | Json[], tell: Tell):
  Promise<Job | null> {
    const losses = this.losses;
    this.joining += 1;
    try {
      if (this.stale) await this.refresh();
      const endpoint = this.server.endpoints.get(name);
      if (!endpoint) throw new RangeError(`the server has no endpoint ${name}`);
      const { fnIndex } = endpoint;
      const eventId = await this.accepted({ data: positional(endpoint, given), fn_index: fnIndex });
      const job = new Job(eventId, fnIndex, tell);
      this.admit(job, losses);
      return job;
    } catch (error) {
      tell(ended(error));
      return null;
    } finally {
      this.joining -= 1;
      if (this.joining === 0) this.early.clear();
    }
  }

  private async accepted(call: { data: Json[]; fn_index: number }): Promise<string> {
    const url = `${this.server.api}/queue/join`;
    const body = JSON.stringify({ ...call, session_hash: this.hash });
    const headers = { "Content-Type": JSON_TYPE };
    const answer = parsed(
      await withDeadline((signal) => this.send({ method: "POST", url, headers, body, signal })),
    ) as { event_id?: string };
    if (typeof answer.event_id !== "string") throw new Unreachable("The join returned no event.");
    return answer.event_id;
  }

  private admit(job: Job, lossesBefore: number): void {
    if (this.closed) return;
    if (this.losses > lossesBefore) {
      // Its first messages may have been on the stream that was lost meanwhile.
      this.cancel(job);
      job.lose();
      return;
    }
    this.jobs.set(job.eventId, job);
    for (const message of this.early.get(job.eventId) ?? []) this.give(message);
    this.early.delete(job.eventId);
    void this.listen();
  }

  private cancel({ eventId, fnIndex }: Job): void {
    const url = `${this.server.api}/cancel`;
    const ids = { session_hash: this.hash, fn_index: fnIndex, event_id: eventId }; // CLIENT-029
    const headers = { "Content-Type": JSON_TYPE };
    const body = JSON.stringify(ids);
    this.send({ method: "POST", url, headers, body }).catch(() => undefined);
  }

  // CLIENT-004 to CLIENT-006: one stream at a time, kept to its end, a new one as long as any
  // event is outstanding. The loop ends and lets go of the stream in one step, so no join between
  // the two can be missed (SSE-015).
  private async listen(): Promise<void> {
    if (this.reading !== null) return;
    let barren = 0;
    while (this.jobs.size > 0 && !this.closed) {
      let fruit = 0;
      const url = `${this.server.api}/queue/data?session_hash=${encodeURIComponent(this.hash)}`;
      const silence = this.options.silence ?? SILENCE;
      this.reading = new Reading(this.options.transport, url, silence, (message) => {
        fruit += this.receive(message) ? 1 : 0;
      });
      const end = await this.reading.finished;
      if (this.closed) break;
      barren = fruit > 0 ? 0 : barren + 1;
      if (end.kind === "broken") this.lose(LOST.message);
      else if (end.kind === "error") this.lose(end.message);
      else if (barren >= MOST_BARREN) this.lose("The server has forgotten the call.");
    }
    this.reading = null;
  }

  private receive(message: Message): boolean {
    this.options.reached?.(true);
    return this.give(message);
  }

  // CLIENT-007: to the event that it names, and to no other.
  private give(message: Message): boolean {
    const id = message.event_id;
    if (typeof id !== "string") return false;
    const job = this.jobs.get(id);
    if (job) {
      if (job.take(message)) this.jobs.delete(id);
      return true;
    }
    if (this.joining > 0) this.early.set(id, [...(this.early.get(id) ?? []), message]);
    return false;
  }

  // CLIENT-011 to CLIENT-013: all that is outstanding ends, and the next call starts over.
  private lose(message: string): void {
    this.losses += 1;
    this.stale = true;
    this.early.clear();
    const jobs = [...this.jobs.values()];
    this.jobs.clear();
    for (const job of jobs) job.lose(message);
    this.options.reached?.(false);
  }

  private async send(exchange: Exchange): Promise<Reply> {
    try {
      const reply = await this.options.transport.send(exchange);
      this.options.reached?.(true);
      return reply;
    } catch (error) {
      this.stale = true;
      this.options.reached?.(false);
      throw error;
    }
  }
}

/** What an error is to a caller: a refusal is an end, and nothing is sent again (CLIENT-021). */
export function ended(error: unknown): End {
  if (error instanceof Refused) {
    return { kind: "refused", status: error.status, failure: error.failure };
  }
  if (error instanceof Unreachable) return { kind: "lost", failure: LOST };
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "failed", failure: { title: "Error", message, again: false } };
}
