// Files: uploaded by the client on its own, and what it hands out of those that come back.

import { handle_file } from "./bench.mjs";

const NAME = "sweet und süß 1.txt";

function file(text) {
  return handle_file(new File([text], NAME));
}

/** What the client gave, each FileData replaced by what its url brings and how it is described. */
async function read(bench, found) {
  if (Array.isArray(found)) return Promise.all(found.map((one) => read(bench, one)));
  if (found === null || typeof found !== "object") return found;
  if (found.meta?._type === "gradio.FileData") {
    const answer = await fetch(found.url);
    return {
      members: Object.keys(found).sort(),
      name: found.path.split("/").at(-1),
      orig_name: found.orig_name ?? null,
      root: found.url.startsWith(`${bench.url}${bench.prefix}/file=`),
      status: answer.status,
      text: await answer.text(),
    };
  }
  const entries = Object.entries(found).map(async ([key, one]) => [key, await read(bench, one)]);
  return Object.fromEntries(await Promise.all(entries));
}

async function upload({ client }) {
  const nested = { a: [file("one"), { b: [[file("zwei")]] }], c: 1 };
  return {
    file: (await client.predict("/file_texts", [file("one")])).data,
    nested: (await client.predict("/file_texts", [nested])).data,
  };
}

async function download(bench) {
  const attempts = {
    "there and back": ["/file_echo", [file("one")]],
    "a list": ["/file_list", [[file("one"), file("zwei")]]],
    "of a batch": ["/file_batch", [file("zwei")]],
    made: ["/file_made", [NAME, "made"]],
    "made, async": ["/file_made_async", [NAME, "made"]],
    nested: ["/file_nested", [NAME, "made"]],
  };
  const results = {};
  for (const [name, [endpoint, data]] of Object.entries(attempts)) {
    results[name] = await read(bench, (await bench.client.predict(endpoint, data)).data);
  }
  return results;
}

export const scenarios = { upload, download };
