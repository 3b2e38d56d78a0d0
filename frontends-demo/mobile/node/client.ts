// What `gradio-protocol check-client` runs: the app's client, told what to do by GRADIO_PROTOCOL_TASK,
// reporting a line of JSON each. TRANSPORT=fetch takes fetch streams in place of XMLHttpRequest.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { Heartbeat, Refused, Session, ended, logIn } from "../src/protocol";
import type { Call, End, Json, News } from "../src/protocol";
import { transport } from "./transports";

interface Step {
  step: "call" | "wait" | "cancel" | "endpoints";
  call?: string;
  endpoint?: string;
  arguments?: Json[];
  for?: "data" | "end";
}

interface Task {
  surface: "queue" | "call";
  steps: Step[];
  login?: { username: string; password: string };
  silence_s?: number;
}

const NOT_SUPPORTED = 127;

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

/** A call of the task: what has become of it, and promises of its first value and of its end. */
class Asked {
  made: Call | null = null;
  hasValue = (): void => undefined;
  hasEnded = (): void => undefined;
  readonly value = new Promise<void>((resolve) => (this.hasValue = resolve));
  readonly end = new Promise<void>((resolve) => (this.hasEnded = resolve));

  constructor(private readonly name: string) {}

  readonly tell = (news: News | End): void => {
    const call = this.name;
    if (news.kind === "waiting") say({ report: "queued", call });
    else if (news.kind === "running") say({ report: "started", call });
    else if (news.kind === "progress") say({ report: "progress", call });
    else if (news.kind === "note") say({ report: "log", call, text: news.note.text });
    else if (news.kind === "values") {
      say({ report: "data", call, data: news.values });
      this.hasValue();
    } else this.over(news);
  };

  over(end: End): void {
    const call = this.name;
    if (end.kind === "done") say({ report: "result", call, data: end.values });
    else if (end.kind === "cancelled") say({ report: "cancelled", call });
    else say({ report: "failed", call, message: end.failure.message });
    this.hasValue();
    this.hasEnded();
  }
}

async function uploaded(session: Session, value: Json): Promise<Json> {
  const path = (value as { $file?: string } | null)?.$file;
  if (path === undefined) return value;
  const body = new Blob([readFileSync(path)], { type: "text/plain" });
  const file = { name: basename(path), type: body.type, size: body.size, body };
  return (await session.upload(file)) as unknown as Json;
}

async function perform(session: Session, { steps }: Task): Promise<void> {
  const calls = new Map<string, Asked>();
  for (const step of steps) {
    const asked = calls.get(step.call ?? "") ?? new Asked(step.call ?? "");
    if (step.call) calls.set(step.call, asked);
    if (step.step === "endpoints") say({ report: "endpoints", endpoints: session.endpoints });
    else if (step.step === "wait") await (step.for === "end" ? asked.end : asked.value);
    else if (step.step === "cancel") asked.made?.cancel();
    else {
      try {
        const given = step.arguments ?? [];
        const needsUpload = given.some((value) => (value as { $file?: string } | null)?.$file);
        const data = needsUpload
          ? await Promise.all(given.map((value) => uploaded(session, value)))
          : given;
        asked.made = session.call(step.endpoint ?? "", data, asked.tell);
      } catch (error) {
        asked.over(ended(error));
      }
    }
  }
  await Promise.all([...calls.values()].map(({ end }) => end));
}

async function main(): Promise<void> {
  const task = JSON.parse(process.env["GRADIO_PROTOCOL_TASK"] ?? "null") as Task;
  const base = (process.env["GRADIO_PROTOCOL_URL"] ?? "").replace(/\/+$/, "");
  if (task.surface !== "queue") process.exit(NOT_SUPPORTED); // the app makes no simple calls
  const way = transport(process.env["TRANSPORT"] === "fetch" ? "fetch" : "xhr");
  const { login, silence_s } = task;
  if (login) await logIn(way, base, login.username, login.password);
  const silence = silence_s === undefined ? {} : { silence: 1000 * silence_s };
  const hash = randomBytes(16).toString("hex");
  const session = await Session.open({ transport: way, base, hash, ...silence });
  const { api, heartbeat } = session.server;
  const held = heartbeat ? new Heartbeat(way, api, hash, () => undefined) : null;
  await perform(session, task);
  held?.stop();
  session.close();
}

main().then(
  () => process.stdout.write("", () => process.exit(0)),
  (error: unknown) => {
    console.error(error instanceof Refused ? error.message : error);
    process.exit(1);
  },
);
