// `node session.mjs SESSION_JS URL`: the protocol code of the demo page without a library, judged.

import { pathToFileURL } from "node:url";

const [module, url] = process.argv.slice(2);
const task = JSON.parse(process.env.GRADIO_PROTOCOL_TASK);
// Uploads and cookies need a browser.
const mine = new Set(["data", "cancel", "silence", "endpoints"]);
if (task.surface !== "queue" || !task.needs.every((need) => mine.has(need))) process.exit(127);

const SILENCE_S = 45; // what the page has for it; here it is as long as the task says
const { setTimeout: later } = globalThis;
globalThis.setTimeout = (what, ms, ...rest) =>
  later(what, (ms * (task.silence_s ?? SILENCE_S)) / SILENCE_S, ...rest);

const { Session } = await import(pathToFileURL(module).href);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

class Call {
  constructor(name) {
    this.name = name;
    this.first = new Promise((resolve) => (this.hasData = resolve));
    this.end = new Promise((resolve) => (this.hasEnded = resolve));
  }

  tell(report, members = {}) {
    say({ report, call: this.name, ...members });
    this.hasData();
    if (["result", "failed", "cancelled"].includes(report)) this.hasEnded();
  }

  told(kind, detail) {
    if (kind === "done") this.tell("result", { data: detail });
    else if (kind === "failed" || kind === "lost") this.tell("failed", { message: shown(detail) });
    else if (kind === "cancelled") this.tell("cancelled");
    else if (kind === "data") this.tell("data", { data: detail });
    else if (kind === "log") say({ report: "log", call: this.name, text: detail.log });
  }
}

const shown = (detail) => String(detail?.error ?? detail?.message ?? detail ?? "");

function named(endpoint, given) {
  const parameters = session.endpoints[endpoint]?.parameters ?? [];
  return Object.fromEntries(given.map((value, at) => [parameters[at]?.parameter_name, value]));
}

const calls = new Map();
const alive = setInterval(() => {}, 1000);
const session = new Session(url);
await session.open();
for (const step of task.steps) {
  if (step.step === "endpoints") {
    say({ report: "endpoints", endpoints: Object.keys(session.endpoints) });
    continue;
  }
  const call = calls.get(step.call) ?? new Call(step.call);
  calls.set(step.call, call);
  if (step.step === "call") {
    const tell = (kind, detail) => call.told(kind, detail);
    const given = named(step.endpoint, step.arguments);
    call.job = session.submit(step.endpoint.slice(1), given, tell);
    call.job.catch((error) => call.tell("failed", { message: error.message }));
  } else if (step.step === "wait") {
    await (step.for === "end" ? call.end : call.first);
  } else {
    await (await call.job).cancel();
  }
}
await Promise.all([...calls.values()].map((call) => call.end));
clearInterval(alive);
process.stdout.write("", () => process.exit(0));
