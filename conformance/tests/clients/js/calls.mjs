// Single calls: values, arguments, shapes of results, what the client says about the API.

import { Job, outcome } from "./report.mjs";

const VALUES = [
  null, true, 0, -7, 1.5, "", "text", [], [1, [2, [3]]], {}, { a: { b: [null, false] } },
];
const UNICODE = 'é 漢字 🎈 \u202eשלום \u2028\u2029 "\\/ \x7f\t\n end';
const TYPED = {
  text: "t",
  whole: 3,
  number: 0.25,
  flag: true,
  choice: "green",
  items: [1, 2],
  mapping: { k: 1 },
};

async function predict({ client }) {
  const results = [];
  for (const one of VALUES) results.push((await client.predict("/echo", [one])).data);
  return results;
}

async function submit(bench) {
  return new Job(bench, bench.client, "/echo", ["text"]).whole();
}

async function predicted(bench) {
  const { time, fn_index, ...result } = await bench.client.predict("/echo", ["text"]);
  return result;
}

async function argumentsGiven(bench) {
  const { client } = bench;
  const attempts = {
    positional: ["/add", [2, 3]],
    keywords: ["/add", { b: 3, a: 2 }],
    default: ["/add", { a: 2 }],
    "all defaults": ["/echo_text", {}],
    typed: ["/typed", TYPED],
    "typed, default given": ["/typed", { ...TYPED, maybe: "m" }],
    "without slash": ["add", { a: 2 }],
    "by index": [index(client, "echo"), ["text"]],
  };
  return all(bench, attempts);
}

async function defaultOfArray(bench) {
  // The client fills in defaults for named arguments only; here it sends null for the second.
  return new Job(bench, bench.client, "/add", [2]).whole();
}

async function wrongArguments(bench) {
  const attempts = {
    missing: ["/add", { b: 1 }],
    unknown: ["/add", { a: 1, c: 2 }],
    "no such endpoint": ["/nowhere", [1]],
  };
  const refused = await all(bench, attempts);
  // That message lists every endpoint, in the order of the server.
  const { error } = refused["no such endpoint"];
  error.message = error.message.replace(/are: .*\. An/, "are: …. An");
  return refused;
}

async function shapes(bench) {
  const noted = bench.key("noted");
  const attempts = {
    "two outputs": ["/pair", ["t", 1]],
    "no inputs": ["/no_inputs", []],
    "no outputs": ["/no_outputs", [noted]],
    "an output too many": ["/returns_too_many", ["t"]],
    "an output too few": ["/returns_too_few", ["t"]],
  };
  const results = await all(bench, attempts);
  return { ...results, "no outputs, but called": await bench.journal(noted) };
}

async function unicode(bench) {
  const { client } = bench;
  const text = (await client.predict("/echo_text", [UNICODE])).data[0];
  const key = (await client.predict("/echo", [{ [UNICODE]: UNICODE }])).data[0];
  return {
    text: text === UNICODE,
    key: key[UNICODE] === UNICODE && Object.keys(key).length === 1,
    chunks: (await new Job(bench, client, "/tokens", ["é 漢字 🎈 שלום"]).whole()).data,
    log: (await new Job(bench, client, "/logs", ["🎈 漢字"]).whole()).logs,
    error: await outcome(bench, () => client.predict("/fail_user", { message: "🎈 漢字" })),
  };
}

async function notQueued(bench) {
  // This client posts to run/ what does not go through the queue.
  return new Job(bench, bench.client, "/quick", ["text"]).whole();
}

async function undocumented(bench) {
  return all(bench, { positional: ["/undocumented", ["text"]], private: ["/private", ["text"]] });
}

async function notFinite({ client }) {
  return (await client.predict("/unserialisable", ["nan"])).data;
}

async function request(bench) {
  const client = await bench.connect(bench.url, { headers: { "x-testbed": "from the client" } });
  const who = (await client.predict("/whoami", [])).data[0];
  return { ...who, session_hash: who.session_hash === client.session_hash };
}

async function viewApi({ client }) {
  return client.view_api();
}

async function reconnect({ client }) {
  return client.reconnect();
}

async function all(bench, attempts) {
  const results = {};
  for (const [name, [endpoint, data]] of Object.entries(attempts)) {
    results[name] = await outcome(bench, () => bench.client.predict(endpoint, data));
  }
  return results;
}

function index(client, name) {
  return client.config.dependencies.find((one) => one.api_name === name).id;
}

export const scenarios = {
  predict,
  predicted,
  submit,
  arguments: argumentsGiven,
  default_of_array: defaultOfArray,
  wrong_arguments: wrongArguments,
  shapes,
  unicode,
  not_queued: notQueued,
  undocumented,
  not_finite: notFinite,
  request,
  view_api: viewApi,
  reconnect,
};
