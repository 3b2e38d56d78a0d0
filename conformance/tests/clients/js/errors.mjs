// Failures: what is thrown, and what had arrived before.

import { Job, outcome } from "./report.mjs";

const CUSTOM = { title: "Custom", duration: 2.5, visible: false };

async function plainError(bench) {
  return {
    submitted: await submitted(bench, bench.client, "/fail", ["secret"]),
    predicted: await outcome(bench, () => bench.client.predict("/fail", ["secret"])),
  };
}

async function userError(bench) {
  const { client } = bench;
  const dismissed = { message: "told", duration: null };
  return {
    defaults: await submitted(bench, client, "/fail_user", { message: "told" }),
    custom: await submitted(bench, client, "/fail_user", { message: "told", ...CUSTOM }),
    "until dismissed": await outcome(bench, () => client.predict("/fail_user", dismissed)),
  };
}

async function errorInStream(bench) {
  const { client } = bench;
  return {
    plain: await submitted(bench, client, "/fail_after", [3, "secret"]),
    user: await submitted(bench, client, "/fail_user_after", [3, "told"]),
    "user, no chunk": await submitted(bench, client, "/fail_user_after", [0, "told"]),
  };
}

/** The second server tells what went wrong (show_error). */
async function shownError(bench) {
  const client = await bench.connect(bench.second);
  return {
    plain: await submitted(bench, client, "/fail", ["shown"]),
    empty: await outcome(bench, () => client.predict("/fail", [""])),
    user: await outcome(bench, () => client.predict("/fail_user", { message: "told" })),
  };
}

async function worksAfterErrors(bench) {
  const client = await bench.connect();
  const failed = await outcome(bench, () => client.predict("/fail", ["secret"]));
  return [failed, await submitted(bench, client, "/echo", ["text"])];
}

/** One runs and three wait on the second server, whose queue holds three. */
async function fullQueue(bench) {
  const client = await bench.connect(bench.second);
  const key = bench.key("full");
  const jobs = [new Job(bench, client, "/hold", [key])];
  await jobs[0].started();
  for (let place = 0; place < 3; place++) {
    jobs.push(new Job(bench, client, "/hold", [key]));
    await jobs.at(-1).queued();
  }
  const refused = await submitted(bench, client, "/hold", [key]);
  await bench.release(key, 4, bench.second);
  const others = await Promise.all(jobs.map(async (job) => (await job.whole()).data));
  return { refused, others };
}

function submitted(bench, client, endpoint, data) {
  return new Job(bench, client, endpoint, data).whole();
}

export const scenarios = {
  plain_error: plainError,
  user_error: userError,
  error_in_stream: errorInStream,
  shown_error: shownError,
  works_after_errors: worksAfterErrors,
  full_queue: fullQueue,
};
