// One session with a Gradio server: /config and /info, join, the one stream that carries all jobs of
// the session, edits, cancel, uploads, log-in, and the way back after a lost connection. It needs no
// library and knows nothing of the page. Ids such as CLIENT-004 and EVT-012 are clauses of the
// protocol: spec/gradio_spec/versions/sse_v3/client.yaml, and `gradio-protocol explain EVT-012`.
import { Lost, Refused, apply, messages, upload } from "./wire.js";

export { Lost, Refused };

const SILENCE = 45_000; // ms; three heartbeats that did not come: CLIENT-030
const RETRY = [300, 3_000]; // ms between two tries to reach a server: the first, the longest

export class Session extends EventTarget { // event "connection": detail is connected, lost or login
  #hash = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join(""); // CLIENT-003
  #jobs = new Map(); // event id → job
  #early = new Map(); // event id → messages that overtook the answer to their join: CLIENT-008
  #joining = 0;
  #reading = false;
  #beating = false;
  #recovering = false;
  #closed = new AbortController();

  constructor(base = "", { silence = SILENCE } = {}) {
    super();
    Object.assign(this, { base, silence });
  }

  async open() {
    const config = await this.#ask(`${this.base}/config`);
    this.config = config;
    this.api = this.base + config.api_prefix; // CLIENT-001
    this.username = config.username;
    this.functions = new Map(config.dependencies.map((d) => [d.api_name, d.id])); // CLIENT-002
    this.endpoints = (await this.#ask(`${this.api}/info`)).named_endpoints; // CLIENT-034
    if (config.connect_heartbeat) this.#beat();
  }

  close() { // nobody wants to hear of this server any more
    this.#jobs.clear();
    this.#closed.abort();
  }

  async login(username, password) {
    const body = new URLSearchParams({ username, password });
    await this.#ask(`${this.base}/login`, { method: "POST", body });
    await this.open();
  }

  async logout() { // the answer is a redirect to a page that nobody wants here
    await fetch(`${this.base}/logout`, { credentials: "include", redirect: "manual" });
  }

  // tell(kind, detail): queued, started, progress, log, data, then one of done, cancelled, failed,
  // lost. Arguments by name or in their order; what is left out has its default: CLIENT-027.
  async submit(name, given, tell) {
    const parameters = this.endpoints?.[`/${name}`]?.parameters;
    if (!parameters) throw new Refused(404, `The server has no endpoint ${name}.`); // CLIENT-024
    const data = parameters.map(({ parameter_name, parameter_default }, place) =>
      given[Array.isArray(given) ? place : parameter_name] ?? parameter_default);
    const fn_index = this.functions.get(name);
    this.#joining += 1;
    try {
      const { event_id } = await this.#post("queue/join", { data, fn_index });
      this.#jobs.set(event_id, { tell, data: null });
      for (const message of this.#early.get(event_id) ?? []) this.#receive(message);
      this.#listen(); // after the join: there is no stream without an outstanding event
      return { cancel: () => this.#post("cancel", { event_id, fn_index }) }; // CLIENT-029
    } finally {
      this.#joining -= 1;
      if (this.#joining === 0) this.#early.clear();
    }
  }

  async upload(file, progress = () => {}) { // a FileData to name in a call: CLIENT-025, CLIENT-026
    try {
      const [path] = await upload(`${this.api}/upload`, file, progress);
      return { path, orig_name: file.name, size: file.size, mime_type: file.type,
        meta: { _type: "gradio.FileData" } };
    } catch (error) {
      if (error instanceof Lost) this.#recover();
      throw error;
    }
  }

  url(file) {
    return file.url ?? `${this.api}/file=${encodeURI(file.path)}`;
  }

  #post(route, named) {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ ...named, session_hash: this.#hash });
    return this.#ask(`${this.api}/${route}`, { method: "POST", headers, body });
  }

  async #ask(url, options) {
    let response;
    try {
      response = await fetch(url, { ...options, credentials: "include" });
    } catch {
      this.#recover();
      throw new Lost("The server does not answer.");
    }
    const body = await response.json().catch(() => null);
    if (response.status === 401) this.#say("login");
    if (!response.ok) throw new Refused(response.status, body?.detail ?? body?.error); // CLIENT-020
    return body;
  }

  async #listen() {
    if (this.#reading || this.#jobs.size === 0) return; // CLIENT-004, CLIENT-006
    this.#reading = true;
    try {
      await this.#read();
    } catch (error) { // CLIENT-011, CLIENT-012: no result can be waited for any more
      const lost = [...this.#jobs.values()];
      this.#jobs.clear();
      for (const job of lost) job.tell("lost", error);
      this.#recover();
    }
    this.#reading = false;
    this.#listen(); // a job may have joined while the stream was closing: SSE-015
  }

  async #read() {
    const silent = new AbortController();
    let timer;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(new Lost("The server fell silent.")), this.silence);
    };
    try {
      heard();
      const response = await fetch(`${this.api}/queue/data?session_hash=${this.#hash}`,
        { signal: AbortSignal.any([silent.signal, this.#closed.signal]), credentials: "include" });
      if (!response.ok) throw new Refused(response.status);
      for await (const message of messages(response.body)) {
        heard();
        if (message.msg === "close_stream") return; // CLIENT-005
        if (message.msg === "unexpected_error") throw new Lost(message.message);
        this.#receive(message);
      }
      throw new Lost("The connection was lost.");
    } finally {
      clearTimeout(timer);
    }
  }

  #receive(message) {
    const { msg, event_id: id, output } = message;
    const job = this.#jobs.get(id); // CLIENT-007
    if (!job) {
      if (id && this.#joining) this.#early.set(id, [...(this.#early.get(id) ?? []), message]);
    } else if (msg === "estimation") job.tell("queued", message);
    else if (msg === "process_starts") job.tell("started", message);
    else if (msg === "progress") job.tell("progress", message.progress_data);
    else if (msg === "log") job.tell("log", message);
    else if (msg === "process_generating" && message.success) {
      // CLIENT-014, EVT-012, EVT-013: full values first, then edits of each output
      job.data = job.data ? output.data.map((edits, n) => apply(job.data[n], edits)) : output.data;
      job.tell("data", job.data);
    } else if (msg === "process_completed") {
      this.#jobs.delete(id);
      if (!message.success) job.tell("failed", { title: message.title, ...output }); // CLIENT-009
      else if (!output?.data) job.tell("cancelled"); // CLIENT-010, CANCEL-006
      else job.tell("done", output.data); // CLIENT-015
    } // CLIENT-019: anything else is news from a later server
  }

  async #recover() {
    if (this.#recovering || this.#closed.signal.aborted) return;
    this.#recovering = true;
    this.#say("lost");
    for (let wait = RETRY[0]; ; wait = Math.min(2 * wait, RETRY[1])) {
      const error = await this.open().then(() => null, (error) => error);
      if (!error) this.#say("connected");
      if (!error || error.status === 401 || this.#closed.signal.aborted) break; // 401 has been said
      await pause(wait);
    }
    this.#recovering = false;
  }

  async #beat() { // CLIENT-023: one heartbeat, as long as the page lives
    if (this.#beating) return;
    this.#beating = true;
    const options = { signal: this.#closed.signal, credentials: "include" };
    await fetch(`${this.api}/heartbeat/${this.#hash}`, options)
      .then((response) => response.body.pipeTo(new WritableStream())).catch(() => {});
    this.#beating = false;
    await pause(RETRY[1]);
    this.#recover(); // it never ends while the server lives
  }

  #say(detail) {
    this.dispatchEvent(new CustomEvent("connection", { detail }));
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
