// `check-client -- node frontends-demo/html/node/client.mjs`: the page's session.js
// without a browser. It needs Node.js 22 or newer, or 20 from 20.19 on.
import { openAsBlob } from "node:fs";
import { basename } from "node:path";
import { Session } from "../static/session.js";

const url = process.argv.at(-1);
const task = JSON.parse(process.env.GRADIO_PROTOCOL_TASK);
if (task.surface !== "queue") process.exit(127); // session.js makes no simple calls

keepCookies(new URL(url).origin);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const alive = setInterval(() => {}, 1000); // who waits for ever must not just end
const session = new Session(url.replace(/\/$/, ""), { silence: (task.silence_s ?? 45) * 1000 });

class Call {
  constructor(name) {
    this.name = name;
    this.data = new Promise((resolve) => { this.hasData = resolve; });
    this.end = new Promise((resolve) => { this.hasEnded = resolve; });
  }

  async start(endpoint, given) {
    try {
      const values = await Promise.all(given.map(argument));
      this.job = session.submit(endpoint.replace(/^\//, ""), values, (kind, detail) => this.tell(kind, detail));
      await this.job;
    } catch (error) {
      this.tell("failed", { error: error.message });
    }
  }

  tell(kind, detail) {
    const report = { done: "result", lost: "failed" }[kind] ?? kind;
    say({ report, call: this.name, ...MEMBERS[report]?.(detail) });
    this.hasData();
    if (["result", "failed", "cancelled"].includes(report)) this.hasEnded();
  }
}

const MEMBERS = {
  data: (data) => ({ data }),
  result: (data) => ({ data }),
  log: ({ log }) => ({ text: log }),
  failed: ({ error, message }) => ({ message: error ?? message ?? null }),
};

async function argument(value) {
  if (value?.$file === undefined) return value;
  const type = "text/plain";
  const blob = await openAsBlob(value.$file, { type });
  return session.upload(new File([blob], basename(value.$file), { type }));
}

// What a browser does by itself: cookies go back to the origin that set them, and to no other.
function keepCookies(origin) {
  const jar = new Map();
  const plain = globalThis.fetch;
  globalThis.fetch = async (address, options = {}) => {
    if (new URL(address).origin !== origin) return plain(address, options);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = cookie ? { ...options.headers, cookie } : options.headers;
    const response = await plain(address, { ...options, headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
      if (name) jar.set(name, value);
    }
    return response;
  };
}

if (task.login) await session.login(task.login.username, task.login.password);
else await session.open();
const calls = new Map();
for (const step of task.steps) {
  if (step.step === "endpoints") {
    say({ report: "endpoints", endpoints: Object.keys(session.endpoints) });
    continue;
  }
  const call = calls.get(step.call) ?? new Call(step.call);
  calls.set(step.call, call);
  if (step.step === "call") call.start(step.endpoint, step.arguments);
  else if (step.step === "wait") await (step.for === "end" ? call.end : call.data);
  else await (await call.job).cancel().catch((error) => console.error(error.message));
}
await Promise.all([...calls.values()].map(({ end }) => end));
session.close();
clearInterval(alive);
process.stdout.write("", () => process.exit(0));
