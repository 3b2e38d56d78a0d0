// Logs and progress as the client shows them.

import { Job, inCompany, unwatched } from "./report.mjs";

async function logs(bench) {
  return {
    logs: await new Job(bench, bench.client, "/logs", ["text"]).whole(),
    between: await new Job(bench, bench.client, "/logs_between", ["text"]).whole(),
  };
}

async function progress(bench) {
  const key = bench.key("progress");
  const job = new Job(bench, bench.client, "/progress", [key]);
  await job.progressed("index", 1);
  await bench.release(key);
  await job.progressed("progress", 0.5);
  await bench.release(key);
  return job.whole();
}

/** The stack of units each time the function waits; what lies between may be left out. */
async function progressNested(bench) {
  const key = bench.key("nested");
  const job = new Job(bench, bench.client, "/progress_nested", [key]);
  const resting = [];
  for (const outer of [0, 1]) {
    for (const inner of [0, 1]) {
      await job.progressed("index", outer + 1, inner);
      resting.push(job.events.findLast((event) => event.progress_data).progress_data);
      await bench.release(key);
    }
  }
  return { resting, ...unwatched(await job.whole()) };
}

/** Two jobs of one session at once: each shows its own logs and progress. */
async function ownMessagesOnly(bench) {
  const keys = [bench.key("one"), bench.key("two")];
  const jobs = keys.map(
    (key) => new Job(bench, bench.client, "/hold_logs", [key, bench.hide(key)]),
  );
  for (const [n, key] of keys.entries()) await jobs[n].progressed("desc", bench.hide(key));
  for (const key of keys) await bench.release(key);
  return Promise.all(jobs.map(async (job) => inCompany(await job.whole())));
}

export const scenarios = {
  logs,
  progress,
  progress_nested: progressNested,
  own_messages_only: ownMessagesOnly,
};
