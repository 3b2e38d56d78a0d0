// `check-client -- node gradio_client.mjs`: the official JavaScript client, @gradio/client, as it is
// installed in the folder that one stands in, or in that of GRADIO_PROTOCOL_JS_MODULES.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const url = process.argv.at(-1);
const task = JSON.parse(process.env.GRADIO_PROTOCOL_TASK);
if (task.surface !== "queue") process.exit(127); // this client does not make simple calls

const modules = process.env.GRADIO_PROTOCOL_JS_MODULES ?? process.cwd();
const manifest = createRequire(join(modules, "package.json")).resolve("@gradio/client/package.json");
const described = JSON.parse(readFileSync(manifest, "utf8"));
const entry = join(dirname(manifest), described.exports["."].import);
const { Client } = await import(pathToFileURL(entry).href);
console.log = console.info = console.error; // stdout is for reports
process.on("unhandledRejection", (error) => console.error("unhandled:", error));

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

class Call {
  constructor(name) {
    this.name = name;
    this.last = undefined;
    this.first = new Promise((resolve) => (this.hasData = resolve));
    this.end = new Promise((resolve) => (this.hasEnded = resolve));
  }

  tell(report, members = {}) {
    say({ report, call: this.name, ...members });
    this.hasData();
    if (["result", "failed", "cancelled"].includes(report)) this.hasEnded();
  }

  async follow(submission) {
    this.submission = submission;
    for await (const event of submission) {
      if (event.type === "data") {
        this.last = structuredClone(event.data);
        this.tell("data", { data: this.last });
      } else if (event.type === "log") {
        say({ report: "log", call: this.name, text: String(event.log) });
      } else if (event.type === "status" && event.stage === "error") {
        return this.tell("failed", { message: String(event.message) });
      } else if (event.type === "status" && event.stage === "complete") {
        // The client gives the result as the last data; without any there is none.
        return this.last ? this.tell("result", { data: this.last }) : this.tell("cancelled");
      }
    }
    this.tell("cancelled"); // the submission is over and has said no more
  }
}

const argument = (value) =>
  value?.$file === undefined
    ? value
    : new File([readFileSync(value.$file)], basename(value.$file), { type: "text/plain" });

const alive = setInterval(() => {}, 1000); // a client that waits for ever must not just end
const auth = task.login && [task.login.username, task.login.password];
const client = await Client.connect(url, { auth, events: ["data", "status", "log"] });
const calls = new Map();
for (const step of task.steps) {
  const call = calls.get(step.call) ?? new Call(step.call);
  if (step.call) calls.set(step.call, call);
  if (step.step === "endpoints") {
    const { named_endpoints } = await client.view_api();
    say({ report: "endpoints", endpoints: Object.keys(named_endpoints) });
  } else if (step.step === "call") {
    try {
      const submission = client.submit(step.endpoint, step.arguments.map(argument));
      call.follow(submission).catch((error) => call.tell("failed", { message: String(error) }));
    } catch (error) {
      call.tell("failed", { message: String(error) });
    }
  } else if (step.step === "wait") {
    await (step.for === "end" ? call.end : call.first);
  } else if (step.step === "cancel") {
    await call.submission.cancel();
  }
}
await Promise.all([...calls.values()].map((call) => call.end));
clearInterval(alive);
process.stdout.write("", () => process.exit(0));
