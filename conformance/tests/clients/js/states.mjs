// State that the server keeps for the client's session, and the heartbeat that tells it when the
// session has gone.

import { within } from "./bench.mjs";
import { Job, outcome } from "./report.mjs";

/** What one job stores the next one sees; State is neither an argument nor a result. */
async function state(bench) {
  const client = await bench.connect(bench.stateful);
  const key = bench.key("steps");
  await bench.release(key, 2, bench.stateful);
  const jobs = {
    add: ["/state_add", [1]],
    "add again": ["/state_add", [2]],
    "in the middle": ["/state_collect", ["a", "!"]],
    "by name": ["/state_collect", { text: "b" }],
    steps: ["/state_steps", [key, 2]],
    failure: ["/state_fail_after", [2]],
    read: ["/state_read", []],
    changed: ["/state_watch", ["x"]],
  };
  const reports = {};
  for (const [name, [endpoint, data]] of Object.entries(jobs)) {
    reports[name] = await new Job(bench, client, endpoint, data).whole();
  }
  return reports;
}

/** Each client has State of its own. */
async function stateOfSessions(bench) {
  const clients = [await bench.connect(bench.stateful), await bench.connect(bench.stateful)];
  const found = [];
  for (const [place, n] of [1, 10, 100, 1000].entries()) {
    found.push(await outcome(bench, () => clients[place % 2].predict("/state_add", [n])));
  }
  return found;
}

/** The server learns that the client has gone when it is closed, and not before. */
async function heartbeat(bench) {
  const client = await bench.connect(bench.stateful);
  const session = client.session_hash;
  // This client closes its newest stream only, so no job has a place here.
  await within("ALIVE", new Promise((alive) => (client.heartbeat_event.onmessage = alive)));
  const before = await bench.journal(session, bench.stateful);
  client.close();
  await bench.untilNoted(session, "called", bench.stateful);
  return { before, after: await bench.journal(session, bench.stateful) };
}

export const scenarios = { state, state_of_sessions: stateOfSessions, heartbeat };
