// Generators: every chunk that the client shows, in order.

import { Job, inCompany } from "./report.mjs";

const GROWING_AND_SHRINKING = [
  [], [1], [1, 2, 3], [3], { a: 1 }, { a: 2, b: [1] }, { b: [1, 2] }, null,
];
const TEXTS = ["a", "ab", "ab", "b", "", "b\nc"];
// Replaced, never added to: among several jobs the client may change a chunk before it hands it out
// (E-44).
const PAIRS = [["a", 1], ["ab", 1], ["ab", [1]], ["c", { n: 2 }]];
const NESTED_SHRINK = [[[1, 2, 3]], [[1]], { rows: [[1, 2], [3, 4]] }, { rows: [[1], [3]] }];
const EQUAL_BUT_TYPED = [1, true, 1.5, 0, false];

async function streaming(bench) {
  const jobs = {
    tokens: job(bench, "/tokens", ["a stream of words"]),
    tokens_async: job(bench, "/tokens_async", ["a stream of words"]),
    pairs: job(bench, "/yields_pairs", [PAIRS]),
    "no chunk": job(bench, "/yields", [[]]),
    "one chunk": job(bench, "/yields", [["only"]]),
  };
  const reports = {};
  for (const [name, one] of Object.entries(jobs)) reports[name] = inCompany(await one.whole());
  return reports;
}

/** Chunks that grow, shrink, change their type, or repeat. */
async function chunkValues(bench) {
  const many = Array.from({ length: 200 }, (_, n) => n);
  const counted = (await yielded(bench, many)).data.map(([value]) => value);
  return {
    values: (await yielded(bench, GROWING_AND_SHRINKING)).data,
    texts: (await yielded(bench, TEXTS)).data,
    many: JSON.stringify(counted) === JSON.stringify([...many, many.at(-1)]),
  };
}

/** The client hands out each chunk while the generator still runs. */
async function iterating(bench) {
  const key = bench.key("iterating");
  const running = job(bench, "/hold_generator", [key, 3]);
  for (let step = 1; step <= 3; step++) {
    await running.chunk(step);
    await bench.release(key);
  }
  return running.whole();
}

async function nestedShrink(bench) {
  return yielded(bench, NESTED_SHRINK);
}

async function equalButTyped(bench) {
  return yielded(bench, EQUAL_BUT_TYPED);
}

function yielded(bench, values) {
  return job(bench, "/yields", [values]).whole();
}

function job(bench, endpoint, data) {
  return new Job(bench, bench.client, endpoint, data);
}

export const scenarios = {
  streaming,
  chunk_values: chunkValues,
  iterating,
  nested_shrink: nestedShrink,
  equal_but_typed: equalButTyped,
};
