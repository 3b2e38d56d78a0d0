// Several jobs of one session at once, and batches.

import { Job, inCompany, outcome } from "./report.mjs";

/** 30 jobs of one session wait, stream, log and fail at once; each gets what is its own. */
async function crowd(bench) {
  const client = await bench.connect();
  const held = [0, 1, 2, 3, 4, 5].map((n) => bench.key(`held ${n}`));
  const holding = held.map((key) => new Job(bench, client, "/hold_unlimited", [key]));
  const others = held.flatMap((_, n) => [
    new Job(bench, client, "/tokens", [`stream ${n} of words`]),
    new Job(bench, client, "/echo", [{ n }]),
    new Job(bench, client, "/fail_user", { message: `told ${n}` }),
    new Job(bench, client, "/logs", [`log ${n}`]),
  ]);
  const rest = await reports(others);
  for (const key of held.reverse()) await bench.release(key);
  return [...(await reports(holding)), ...rest];
}

/** Three of one function: places in the queue, then one after the other. */
async function waitingInLine(bench) {
  const client = await bench.connect();
  const keys = [0, 1, 2].map((n) => bench.key(`line ${n}`));
  const jobs = [];
  for (const [place, key] of keys.entries()) {
    jobs.push(new Job(bench, client, "/hold", [key]));
    await (place === 0 ? jobs[0].started() : jobs[place].queued());
  }
  for (const key of keys) {
    await bench.untilNoted(key, "start");
    await bench.release(key);
  }
  return Promise.all(jobs.map((job) => job.whole()));
}

/** While one call of the batch function runs, four more wait; they make the next call. */
async function batch(bench) {
  const client = await bench.connect();
  const key = bench.key("batch");
  const jobs = [new Job(bench, client, "/batch_upper", [`hold:${key}`])];
  await jobs[0].started();
  for (const text of "abcd") {
    jobs.push(new Job(bench, client, "/batch_upper", [text]));
    await jobs.at(-1).queued();
  }
  await bench.release(key);
  return reports(jobs);
}

async function failingBatch(bench) {
  const client = await bench.connect();
  return [await new Job(bench, client, "/batch_fail", ["text"]).whole()];
}

/** A result that no JSON can hold fails its own job only. */
async function badResult(bench) {
  const client = await bench.connect();
  const key = bench.key("beside");
  const beside = new Job(bench, client, "/hold_unlimited", [key]);
  await beside.started();
  const bad = await outcome(bench, () => client.predict("/unserialisable", ["int-keys"]));
  await bench.release(key);
  return { bad, beside: (await beside.whole()).last };
}

function reports(jobs) {
  return Promise.all(jobs.map(async (job) => inCompany(await job.whole())));
}

export const scenarios = {
  crowd,
  waiting_in_line: waitingInLine,
  batch,
  failing_batch: failingBatch,
  bad_result: badResult,
};
