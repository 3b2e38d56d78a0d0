// Drives any release of @gradio/client through the tasks of GRADIO_PROTOCOL_ERAS, one after the other on
// one client, and says in JSON lines what it gave. The release is the one that is installed in the
// folder of GRADIO_PROTOCOL_JS_MODULES.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const plan = JSON.parse(process.env.GRADIO_PROTOCOL_ERAS);
const write = process.stdout.write.bind(process.stdout);
const say = (line) => write(`${JSON.stringify(line)}\n`);
for (const name of ["log", "info", "debug", "warn"]) console[name] = console.error;
process.on("unhandledRejection", (error) => console.error("unhandled:", error));
process.on("uncaughtException", (error) => console.error("uncaught:", error));
const alive = setInterval(() => {}, 1000); // a client that waits for ever must not just end

const worded = (error) =>
  error instanceof Error ? `${error.name}: ${error.message}` : typeof error === "string" ? error : JSON.stringify(error);

const HANG = Symbol("hang");
const within = (seconds, promise) =>
  Promise.race([promise, new Promise((resolve) => setTimeout(resolve, seconds * 1000, HANG))]);

async function library() {
  const modules = process.env.GRADIO_PROTOCOL_JS_MODULES;
  const manifest = createRequire(join(modules, "package.json")).resolve("@gradio/client/package.json");
  const described = JSON.parse(readFileSync(manifest, "utf8"));
  return import(pathToFileURL(join(dirname(manifest), described.exports["."].import)).href);
}

const argument = (value) =>
  value?.$file === undefined
    ? value
    : new File([readFileSync(value.$file)], basename(value.$file), { type: "text/plain" });

/** Values and end of a submission as they come; `heard` is told each event, whatever the release's way. */
function listen(submission, heard) {
  if (typeof submission.on === "function") {
    for (const type of ["data", "status"]) submission.on(type, (event) => heard({ ...event, type }));
    return;
  }
  (async () => {
    try {
      for await (const event of submission) heard(event);
      heard({ type: "iterator-over" });
    } catch (error) {
      heard({ type: "thrown", error });
    }
  })();
}

/** A file that the client names, by its content. */
async function shown(client, value) {
  const path = value?.path ?? value?.name;
  if (typeof path !== "string") return value;
  const url = value.url ?? `${client.config.root}${client.config.api_prefix ?? ""}/file=${path}`;
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`GET ${new URL(url).pathname.slice(0, 40)}: ${answer.status}`);
  return { $content: await answer.text(), ...(value.url ? {} : { url: null }) };
}

const unwrapped = (data) => (Array.isArray(data) && data.length === 1 ? data[0] : data);

async function perform(client, task) {
  const values = [];
  const events = []; // what was said of its state
  let hasEnded, submission;
  let isCancelled = false;
  const ended = new Promise((resolve) => (hasEnded = resolve));
  const over = new Promise((resolve) => {
    const heard = (event) => {
      if (event.type === "data") {
        values.push(structuredClone(unwrapped(event.data)));
        if (task.cancel && !isCancelled) {
          isCancelled = true;
          Promise.resolve(submission.cancel()).catch((error) => hasEnded({ end: "failed", message: worded(error) }));
        }
      } else if (event.type === "status") {
        events.push(event.stage);
        if (event.stage === "error") hasEnded({ end: "failed", message: String(event.message) });
        if (event.stage === "complete") hasEnded({ end: isCancelled ? "cancelled" : "result" });
      } else if (event.type === "thrown") {
        hasEnded({ end: "failed", message: worded(event.error) });
        resolve();
      } else if (event.type === "iterator-over") {
        hasEnded({ end: isCancelled ? "cancelled" : "result", without: "status" });
        resolve();
      }
    };
    try {
      submission = client.submit(task.endpoint, task.arguments.map(argument));
      listen(submission, heard);
    } catch (error) {
      hasEnded({ end: "failed", message: worded(error) });
      resolve();
    }
    if (typeof submission?.on === "function") resolve(); // nothing that could stay open
  });
  const outcome = await within(plan.deadline_s, ended);
  if (outcome === HANG) return { values: await contents(client, values), end: "hang", stages: events };
  if ((await within(plan.grace_s, over)) === HANG) outcome.iterator = "open";
  try {
    return { values: await contents(client, values), stages: events, ...outcome };
  } catch (error) {
    return { values, end: "failed", message: worded(error) };
  }
}

const contents = (client, values) => Promise.all(values.map((value) => shown(client, value)));

async function main() {
  const { Client } = await library();
  let client;
  try {
    client = await within(plan.connect_s, Client.connect(plan.url, { events: ["data", "status"] }));
  } catch (error) {
    say({ report: "connect", end: "failed", message: worded(error) });
    return;
  }
  if (client === HANG) return say({ report: "connect", end: "hang" });
  say({ report: "connect", end: "result" });
  for (const task of plan.tasks) {
    say({ report: "begin", task: task.id });
    say({ report: "task", task: task.id, ...(await perform(client, task)) });
  }
}

await main();
clearInterval(alive);
write("", () => process.exit(0));
