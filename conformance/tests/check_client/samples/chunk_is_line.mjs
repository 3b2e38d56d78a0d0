// A client as many are written by hand: each piece of the stream is taken for whole lines.

import { randomUUID } from "node:crypto";

const url = process.argv.at(-1);
const task = JSON.parse(process.env.GRADIO_PROTOCOL_TASK);
if (task.surface !== "queue" || task.needs.length > 0) process.exit(127);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const config = await (await fetch(`${url}/config`)).json();
const base = url + config.api_prefix;
const session_hash = randomUUID();
const [{ call, endpoint, arguments: data }] = task.steps;
const { id: fn_index } = config.dependencies.find((d) => `/${d.api_name}` === endpoint);
const joined = await fetch(`${base}/queue/join`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ data, fn_index, session_hash }),
});
const { event_id } = await joined.json();
const stream = await fetch(`${base}/queue/data?session_hash=${session_hash}`);
for await (const chunk of stream.body) {
  for (const line of Buffer.from(chunk).toString().split("\n")) {
    if (!line.startsWith("data: ")) continue;
    let message;
    try {
      message = JSON.parse(line.slice(6));
    } catch {
      continue;
    }
    if (message.event_id === event_id && message.msg === "process_completed") {
      say({ report: "result", call, data: message.output.data });
      process.exit(0);
    }
  }
}
process.exit(1);
