// One session with a Gradio server, over fetch alone: join a job, read the one stream that carries
// all jobs of the session, apply edits. "Duty" counts the duties of a client in section 17.1 of
// spec/gradio_spec/versions/sse_v3/protocol.md; ids such as EVT-012 are clauses of the protocol.

const SILENCE = 45_000; // ms without any message, not even a heartbeat (every 15 s): duty 12
const EMPTY_LINE = /(?:\r\n|\n|\r(?!\n)){2}/;

export class Session {
  #hash = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join(""); // duty 1
  #jobs = new Map(); // event id → job
  #early = new Map(); // event id → messages that overtook the answer to their join: duty 3
  #reading = false;

  static async open(base = "") {
    const session = new Session();
    const config = await answer(await fetch(`${base}/config`));
    session.api = base + config.api_prefix;
    session.functions = new Map(config.dependencies.map((d) => [d.api_name, d.id]));
    return session;
  }

  // tell(kind, detail): queued, started, progress, log, data, then one of done, cancelled, failed.
  async submit(name, data, tell) {
    const fn_index = this.functions.get(name);
    const { event_id } = await this.#post("queue/join", { data, fn_index });
    const job = { event_id, fn_index, tell, data: null };
    this.#jobs.set(event_id, job);
    for (const message of this.#early.get(event_id) ?? []) this.#receive(message);
    this.#early.delete(event_id);
    this.#listen(); // after the join, and never twice at a time: duty 2
    return { cancel: () => this.#post("cancel", { event_id, fn_index }) };
  }

  async #post(route, body) {
    const response = await fetch(`${this.api}/${route}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...body, session_hash: this.#hash }),
    });
    return answer(response);
  }

  async #listen() {
    if (this.#reading || this.#jobs.size === 0) return;
    this.#reading = true;
    try {
      await this.#read();
    } catch (error) { // duty 10: no result can be waited for any more
      for (const job of this.#jobs.values()) job.tell("failed", { error: error.message });
      this.#jobs.clear();
    }
    this.#reading = false;
    this.#listen(); // a job may have joined while the stream was closing: SSE-015
  }

  async #read() {
    const silent = new AbortController();
    let timer;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(new Error("The server fell silent.")), SILENCE);
    };
    try {
      heard();
      const url = `${this.api}/queue/data?session_hash=${this.#hash}`;
      const response = await fetch(url, { signal: silent.signal });
      if (!response.ok) await answer(response);
      for await (const message of messages(response.body)) {
        heard();
        if (message.msg === "close_stream") return; // duty 4
        if (message.msg === "unexpected_error") throw new Error(message.message);
        this.#receive(message);
      }
      throw new Error("The connection was lost.");
    } finally {
      clearTimeout(timer);
    }
  }

  #receive(message) {
    const { msg, event_id: id, output } = message;
    const job = this.#jobs.get(id);
    if (!job) {
      if (id) this.#early.set(id, [...(this.#early.get(id) ?? []), message]);
    } else if (msg === "estimation") job.tell("queued", message);
    else if (msg === "process_starts") job.tell("started", message);
    else if (msg === "progress") job.tell("progress", message.progress_data);
    else if (msg === "log") job.tell("log", message);
    else if (msg === "process_generating" && message.success) {
      // EVT-012, EVT-013: full values first, then edits of each output
      job.data = job.data ? output.data.map((edits, i) => apply(job.data[i], edits)) : output.data;
      job.tell("data", job.data);
    } else if (msg === "process_completed") {
      this.#jobs.delete(id);
      if (!message.success) job.tell("failed", { title: message.title, ...output });
      else if (!output.data) job.tell("cancelled"); // CANCEL-006
      else job.tell("done", output.data); // duty 5
    } // duty 8: anything else is news from a later server
  }
}

// An edit is [op, path, value]; what was shown before is left as it was.
export function apply(value, edits) {
  let root = structuredClone(value);
  for (const [op, path, item] of edits) {
    const holder = path.slice(0, -1).reduce((node, step) => node[step], root);
    const key = path.at(-1);
    if (path.length === 0) root = op === "append" ? root + item : item;
    else if (op === "replace") holder[key] = item;
    else if (op === "append") holder[key] += item;
    else if (op === "add") Array.isArray(holder) ? holder.splice(key, 0, item) : (holder[key] = item);
    else if (op === "delete") Array.isArray(holder) ? holder.splice(key, 1) : delete holder[key];
    else throw new Error(`Unknown edit: ${op}`);
  }
  return root;
}

async function* messages(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (text + value).split(EMPTY_LINE); // duty 9
    text = blocks.pop();
    for (const block of blocks) {
      const lines = block.split(/\r\n|\n|\r/).filter((line) => line.startsWith("data:"));
      if (lines.length) yield JSON.parse(lines.map((line) => line.slice(5)).join("\n"));
    }
  }
}

async function answer(response) {
  const body = await response.json().catch(() => null);
  if (response.ok) return body;
  const detail = body?.detail ?? body?.error;
  throw new Error(typeof detail === "string" ? detail : `The server answered ${response.status}.`);
}
