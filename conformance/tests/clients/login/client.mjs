// `node client.mjs URL`: what @gradio/client reports of a server with a login, as JSON.

import { Client, within } from "../js/bench.mjs";

const url = process.argv[2];

function connect(auth) {
  return within("connecting", Client.connect(url, { auth, events: ["data", "status"] }));
}

async function call(client, endpoint, data = []) {
  return (await within(endpoint, client.predict(endpoint, data))).data[0];
}

async function refused(auth) {
  try {
    await connect(auth);
  } catch (error) {
    return { error: error.name, text: error.message };
  }
  return { error: "none" };
}

async function chunks(submission) {
  const found = [];
  for await (const event of submission) {
    if (event.type === "data") found.push(event.data[0]);
    if (event.type === "status" && event.stage === "complete") return found;
    if (event.type === "status" && event.stage === "error") throw new Error(event.message);
  }
  return found;
}

async function used(client) {
  const streamed = await within("/words", chunks(client.submit("/words", ["so it goes"])));
  const running = client.submit("/endless", []);
  for await (const event of running) if (event.type === "data") break;
  await within("cancel", running.cancel());
  const file = new Blob(["seven b"], { type: "text/plain" });
  return {
    who: await call(client, "/who"),
    result: streamed.at(-1),
    chunks: streamed,
    cancelled: await call(client, "/was_cancelled"),
    size: await call(client, "/size", [file]),
  };
}

const report = {
  ann: await used(await connect(["ann", "secret "])),
  bob: await call(await connect([" bob", "öß"]), "/who"),
  wrong: await refused(["ann", "secret"]),
  unknown: await refused(["eve", "secret"]),
  none: await refused(undefined),
};
process.stdout.write(JSON.stringify(report), () => process.exit(0));
