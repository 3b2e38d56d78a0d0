// What a scenario works with: official clients, the testbed's controls, keys of its own.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const DEADLINE = 30_000; // ms; only a broken server or client makes anything wait that long
const POLL = 10;
const EVENTS = ["data", "status", "log", "render"];

// The folder that has node_modules may lie elsewhere, so the package is looked up from there.
const here = fileURLToPath(new URL(".", import.meta.url));
const modules = process.env.GRADIO_PROTOCOL_JS_MODULES ?? here;
const { resolve } = createRequire(join(modules, "package.json"));
const manifest = resolve("@gradio/client/package.json");
const described = JSON.parse(readFileSync(manifest, "utf8"));
const entry = join(dirname(manifest), described.exports["."].import);
export const { Client, handle_file } = await import(pathToFileURL(entry).href);

export const CLIENT = `${described.name} ${described.version}`;

export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The promise's value; an Error naming `what` when it takes longer than the deadline. */
export async function within(what, promise) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${DEADLINE} ms`)), DEADLINE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** One run against one testbed: `url` is its main server, `second` and `stateful` the others. */
export class Bench {
  static async open(url) {
    const bench = new Bench();
    bench.url = url;
    bench.run = randomBytes(6).toString("hex");
    const config = await (await fetch(`${url}/config`)).json();
    bench.prefix = config.api_prefix;
    const settings = await bench.control("settings");
    bench.second = settings.second;
    bench.stateful = settings.stateful;
    bench.client = await bench.connect();
    return bench;
  }

  /** A new official client, which has a session of its own. */
  connect(url = this.url, options = {}) {
    return Client.connect(url, { events: EVENTS, ...options });
  }

  /** A gate and journal key that no other run uses; transcripts show only `name`. */
  key(name) {
    return `${this.run}-${name}`;
  }

  /** `value` as plain JSON without the run's mark. */
  hide(value) {
    const text = JSON.stringify(value);
    if (text === undefined) return null;
    const marks = [`${this.run}-`, `${this.run}-`.toUpperCase()];
    return JSON.parse(marks.reduce((shorter, mark) => shorter.replaceAll(mark, ""), text));
  }

  /** Call a control endpoint over plain HTTP, past the client under test. */
  async control(name, data = [], server = this.url) {
    const reply = await fetch(`${server}${this.prefix}/run/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ data }),
    });
    if (!reply.ok) throw new Error(`${name}: ${reply.status} ${await reply.text()}`);
    return (await reply.json()).data[0];
  }

  release(key, times = 1, server = this.url) {
    return this.control("release", [key, times], server);
  }

  /** Lines such as "start" or "step 0" that the testbed noted under `key`, in order. */
  async journal(key, server = this.url) {
    const entries = await this.control("journal", [key], server);
    return entries.map(({ what, n }) => (n === null ? what : `${what} ${n}`));
  }

  async untilNoted(key, line, server = this.url) {
    for (const late = Date.now() + DEADLINE; !(await this.journal(key, server)).includes(line); ) {
      if (Date.now() > late) throw new Error(`journal of ${this.hide(key)}: no ${line}`);
      await sleep(POLL);
    }
  }
}
