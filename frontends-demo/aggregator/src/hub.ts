// All that the page shows: the backends, one shelf whose documents have copies on them, the jobs.

import { Backend } from "./backend";
import { merge } from "./catalogue";
import type { Entry } from "./catalogue";
import type { Document, FileData } from "./endpoints";
import { Job } from "./jobs";
import type { Order } from "./jobs";

const KEPT_JOBS = 60;

/** Where a document is: `share` (0 to 1) of its bytes have been sent, or all and it is there. */
export type Copy = { state: "sending"; share: number } | { state: "there" };

export interface Shelved {
  card: Document;
  file: File;
  /** URL of the picture, of this page's own. */
  preview: string | null;
  /** By URL of the backend. */
  copies: Map<string, Copy>;
}

/** A file whose upload goes on or has failed. */
export interface Incoming {
  name: string;
  share: number;
  error: { title: string; message: string } | null;
}

export const TOOLS = ["write_on", "search", "poster"] as const;
export type Tool = (typeof TOOLS)[number];

export class Hub {
  backends: Backend[] = [];
  documents: Shelved[] = [];
  incoming: Incoming[] = [];
  shelfNotes: string[] = [];
  jobs: Job[] = [];
  /** The newest job of each tool, which its region shows. */
  shown: Partial<Record<Tool, Job>> = {};

  #listeners = new Set<() => void>();
  #pending = false;
  #count = 0;

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Shown at once, however many things change in one go. */
  changed = (): void => {
    if (this.#pending) return;
    this.#pending = true;
    setTimeout(() => {
      this.#pending = false;
      for (const listener of this.#listeners) listener();
    }, 16);
  };

  // Backends

  addBackend(url: string, name: string): void {
    const used = new Set(this.backends.map(({ letter }) => letter));
    const letter = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].find((one) => !used.has(one)) ?? "?";
    const backend = new Backend(url, name, letter, this.changed);
    backend.onGone = (reason) => {
      this.#abandon(backend, reason);
      if (!this.shut) return;
      [this.jobs, this.shown] = [[], {}]; // whoever logs in next may be somebody else
      this.#clear();
    };
    backend.onBack = () => void this.#reread(backend);
    this.backends = [...this.backends, backend];
    void backend.watch();
    this.changed();
  }

  /** Returns null, or what is wrong with the URL. `name` may follow it after a #. */
  addByUrl(text: string): string | null {
    let url: URL;
    try {
      url = new URL(/^[a-z]+:\/\//i.test(text.trim()) ? text.trim() : `http://${text.trim()}`);
    } catch {
      return `${text} is no URL.`;
    }
    if (!/^https?:$/.test(url.protocol)) return `${text} is neither http nor https.`;
    const name = decodeURIComponent(url.hash.slice(1)) || url.host;
    const base = url.origin + url.pathname.replace(/\/+$/, "");
    if (this.backends.some((backend) => backend.url === base)) return `${base} is there already.`;
    this.addBackend(base, name);
    return null;
  }

  removeBackend(backend: Backend): void {
    this.backends = this.backends.filter((one) => one !== backend);
    this.#abandon(backend, "It was removed.");
    backend.close();
    for (const { copies } of this.documents) copies.delete(backend.url);
    this.changed();
  }

  /** Nothing can be done before a log-in. */
  get shut(): boolean {
    return this.backends.length > 0 && this.backends.every(({ health }) => health.state === "locked");
  }

  get catalogue(): Entry[] {
    return merge(
      this.backends.flatMap(({ url, config, session: { endpoints } }) =>
        config && endpoints ? [{ key: url, config, endpoints }] : [],
      ),
    );
  }

  jobsOn(backend: Backend): Job[] {
    return this.jobs.filter((job) => job.backend === backend && !job.over);
  }

  /** What the session had there is gone or out of reach. */
  #abandon(backend: Backend, reason: string): void {
    for (const job of this.jobsOn(backend)) job.abandon(reason);
  }

  // Shelf

  async addFile(file: File): Promise<void> {
    const incoming: Incoming = { name: file.name, share: 0, error: null };
    this.incoming = [...this.incoming.filter(({ error }) => !error), incoming];
    const job = await this.#call({
      endpoint: "shelve",
      subject: file.name,
      args: ["file"],
      missing: () => file.size,
      prepare: async (backend) => ({
        file: await backend.session.upload(file, (sent, all) => {
          incoming.share = sent / all;
          this.changed();
        }),
      }),
    });
    this.shelfNotes = job.notes.map(({ text }) => text);
    if (job.state === "done" && job.data && job.backend) {
      this.incoming = this.incoming.filter((one) => one !== incoming);
      this.#shelve(job.data[0] as Document, file, job.backend);
    } else incoming.error = job.error ?? { title: "Cancelled", message: `${file.name} was not added.` };
    this.changed();
  }

  #shelve(card: Document, file: File, backend: Backend): void {
    let document = this.documents.find((one) => one.card.id === card.id);
    if (!document) {
      const preview = card.kind === "picture" ? URL.createObjectURL(file) : null;
      document = { card, file, preview, copies: new Map() };
      this.documents = [...this.documents, document];
    }
    document.copies.set(backend.url, { state: "there" });
  }

  async emptyShelf(): Promise<void> {
    const holders = this.backends.filter(({ url }) => this.documents.some(({ copies }) => copies.has(url)));
    this.#clear();
    await Promise.all(
      holders.map(async (backend) => {
        const job = await this.#call({ ...plain("empty_shelf", backend.name), only: backend.url });
        if (job.state !== "done") backend.renew(); // it may still have them: in a session of the past
      }),
    );
  }

  #clear(): void {
    for (const { preview } of this.documents) if (preview) URL.revokeObjectURL(preview);
    this.documents = [];
    this.incoming = [];
    this.shelfNotes = [];
    this.changed();
  }

  /** Asks the backend which of the documents it has. */
  async #reread(backend: Backend): Promise<Set<string>> {
    if (!this.documents.some(({ copies }) => copies.has(backend.url))) return new Set();
    const job = await this.#call({ ...plain("shelf", backend.name), only: backend.url });
    const there = new Set(job.state === "done" && job.data ? (job.data[0] as Document[]).map(({ id }) => id) : []);
    for (const { card, copies } of this.documents)
      if (copies.get(backend.url)?.state === "there" && !there.has(card.id)) copies.delete(backend.url);
    this.changed();
    return there;
  }

  /** Brings a document to a backend; at most once, however many calls wait for it. */
  #bring(document: Shelved, backend: Backend): Promise<void> {
    const { copies, file, card } = document;
    if (copies.get(backend.url)?.state === "there") return Promise.resolve();
    const key = `${card.id} ${backend.url}`;
    const under_way = this.#bringing.get(key) ?? this.#copy(document, backend, file).finally(() => this.#bringing.delete(key));
    this.#bringing.set(key, under_way);
    return under_way;
  }
  #bringing = new Map<string, Promise<void>>();

  async #copy({ card, copies }: Shelved, backend: Backend, file: File): Promise<void> {
    const sending: Copy = { state: "sending", share: 0 };
    copies.set(backend.url, sending);
    const job = await this.#call({
      endpoint: "shelve",
      subject: `copy of ${card.name}`,
      args: ["file"],
      missing: () => 0,
      prepare: async (there) => ({
        file: await there.session.upload(file, (sent, all) => {
          sending.share = sent / all;
          this.changed();
        }),
      }),
      only: backend.url,
    });
    if (job.state === "done") copies.set(backend.url, { state: "there" });
    else copies.delete(backend.url);
    this.changed();
    if (job.state !== "done") throw new Error(`${card.name} could not be brought to ${backend.name}.`);
  }

  // Tools

  writeOn(document: Shelved, beginning: string, words: number, seed: number): void {
    this.#use("write_on", document.card.name, ["document", "beginning", "words", "seed"], [document], {
      document: document.card.id,
      beginning,
      words,
      seed,
    });
  }

  search(question: string): void {
    const texts = this.documents.filter(({ card }) => card.kind === "text");
    this.#use("search", question, ["question"], texts, { question });
  }

  poster(document: Shelved, colours: number): void {
    this.#use("poster", document.card.name, ["picture", "colours"], [document], {
      picture: document.card.id,
      colours,
    });
  }

  /** Shows a job in the region of its tool. */
  show(job: Job): void {
    this.shown[job.order.endpoint as Tool] = job;
    this.changed();
  }

  /** The same call as a new job. */
  again(tool: Tool, job: Job): void {
    this.shown[tool] = this.#begin(job.order);
  }

  /** The poster so far; the finished one is kept in this page and outlives its backend. */
  posterOf(job: Job | undefined): { url: string | null; kept: boolean; name: string; palette: string[] } {
    if (!job?.data) return { url: null, kept: false, name: "", palette: [] };
    const [file, palette] = posterData(job.data);
    const kept = this.#posters.get(job);
    const url = kept ?? (file && job.backend ? job.backend.fileUrl(file) : null);
    return { url, kept: kept !== undefined, name: file?.orig_name ?? "poster.png", palette };
  }
  #posters = new WeakMap<Job, string>();

  async #keep(job: Job): Promise<void> {
    const [file] = posterData(job.data ?? []);
    const blob = file && job.backend ? await job.backend.fetchFile(file).catch(() => null) : null;
    if (blob) this.#posters.set(job, URL.createObjectURL(blob));
    this.changed();
  }

  #use(tool: Tool, subject: string, args: string[], documents: Shelved[], values: Record<string, unknown>): void {
    this.shown[tool] = this.#begin({
      endpoint: tool,
      subject,
      args,
      missing: ({ url }) =>
        documents.reduce((sum, { copies, file }) => sum + (copies.get(url)?.state === "there" ? 0 : file.size), 0),
      prepare: async (backend) => {
        if (documents.some((document) => !this.documents.includes(document)))
          throw new Error("The document was taken off the shelf.");
        await Promise.all(documents.map((document) => this.#bring(document, backend)));
        return values;
      },
      forgotten: async (backend) => {
        if (documents.length === 0) return false;
        const there = await this.#reread(backend);
        return documents.some(({ card }) => !there.has(card.id));
      },
    });
  }

  #begin(order: Order): Job {
    const job = new Job(++this.#count, order);
    void this.#run(job);
    return job;
  }

  async #call(order: Order): Promise<Job> {
    const job = new Job(++this.#count, order);
    await this.#run(job);
    return job;
  }

  async #run(job: Job): Promise<void> {
    this.jobs = [job, ...this.jobs].filter((one, index) => index < KEPT_JOBS || !one.over);
    await job.run(() => this.backends, () => this.jobs, this.changed);
    if (job.state === "done" && job.order.endpoint === "poster") await this.#keep(job);
  }
}

/** The one output is a pair. */
function posterData([pair]: readonly unknown[]): readonly [FileData | null, string[]] {
  return (pair as [FileData | null, string[]] | undefined) ?? [null, []];
}

function plain(endpoint: string, subject: string): Order {
  return { endpoint, subject, args: [], missing: () => 0, prepare: async () => ({}) };
}
