// Cancelling. This client takes the last message of a cancelled job, which has no data, for an
// unexpected error and drops the session's stream with it, so every scenario has its own session.

import { sleep } from "./bench.mjs";
import { Job } from "./report.mjs";

const MANY_STEPS = 1000;
const STEP = 100; // ms between two releases; how many there are is not reported

/** A running generator is cancelled: it ends after a step. */
async function cancelGenerator(bench) {
  const client = await bench.connect();
  const key = bench.key("cancelled generator");
  const job = new Job(bench, client, "/hold_generator", [key, MANY_STEPS]);
  await job.chunk(1);
  let answered = false;
  const cancelled = job.submission.cancel().finally(() => (answered = true));
  // Real Gradio answers the cancel only when the step that runs has ended.
  while (!answered || !(await bench.journal(key)).includes("closed")) {
    await bench.release(key);
    await Promise.race([cancelled, sleep(STEP)]);
  }
  const { data, last } = await job.whole();
  return { first: data[0], last };
}

/** A queued job is cancelled behind a running one of another session: it never starts. */
async function cancelWaiting(bench) {
  const [other, client] = [await bench.connect(), await bench.connect()];
  const [ahead, key, after] = ["ahead", "cancelled", "after"].map((name) => bench.key(name));
  const running = new Job(bench, other, "/hold", [ahead]);
  await running.started();
  const job = new Job(bench, client, "/hold", [key]);
  await job.queued();
  await job.submission.cancel();
  const report = await job.whole();
  const last = new Job(bench, other, "/hold", [after]);
  await bench.release(after);
  await bench.release(ahead);
  return {
    cancelled: report,
    ahead: (await running.whole()).data,
    after: (await last.whole()).data,
    noted: await bench.journal(key),
  };
}

/** A running async function is cancelled. */
async function cancelRunning(bench) {
  const client = await bench.connect();
  const key = bench.key("cancelled async");
  const job = new Job(bench, client, "/hold_async", [key]);
  await bench.untilNoted(key, "start");
  await job.submission.wait_for_id();
  await job.submission.cancel();
  await bench.untilNoted(key, "cancelled");
  return { cancelled: await job.whole(), noted: await bench.journal(key) };
}

export const scenarios = {
  cancel_generator: cancelGenerator,
  cancel_waiting: cancelWaiting,
  cancel_running: cancelRunning,
};
