// A submission of the official client as JSON that is equal whenever the client reported the same.

import { DEADLINE, within } from "./bench.mjs";

const ENDS = new Set(["complete", "error"]);
// Not equal on any two runs: times, durations, and the number that an endpoint happens to have.
const VARYING = ["time", "eta", "avg_time", "cache_duration", "fn_index", "type"];

/** Everything one submission emits, copied as it comes: the client changes emitted chunks later. */
export class Job {
  constructor(bench, client, endpoint, data) {
    this.bench = bench;
    this.events = [];
    this.watchers = new Set();
    this.submission = client.submit(endpoint, data);
    this.ended = this.#follow();
    this.ended.catch(() => {}); // whoever waits for the end gets the reason
  }

  async #follow() {
    for await (const event of this.submission) {
      this.events.push(structuredClone(event));
      for (const watch of this.watchers) watch();
      if (event.type === "status" && ENDS.has(event.stage)) return;
    }
  }

  /** Wait until an event with these properties has come. */
  until(what, matches) {
    const seen = new Promise((resolve) => {
      const watch = () => this.events.some(matches) && resolve(this.watchers.delete(watch));
      this.watchers.add(watch);
      watch();
    });
    return within(what, seen);
  }

  chunk(count) {
    return this.until(`chunk ${count}`, () => this.#of("data").length >= count);
  }

  started() {
    return this.until("process_starts", (event) => event.original_msg === "process_starts");
  }

  queued() {
    return this.until("a place in the queue", (event) => event.position !== undefined);
  }

  progressed(name, ...expected) {
    const wanted = JSON.stringify(expected);
    const matches = ({ progress_data: units }) =>
      units && JSON.stringify(units.map((unit) => unit[name])) === wanted;
    return this.until(`progress with ${name} ${wanted}`, matches);
  }

  /** All that the client emitted until the end. */
  async whole() {
    await within(`the end of the job (after ${JSON.stringify(this.events.at(-1))})`, this.ended);
    const statuses = this.#of("status");
    return this.bench.hide({
      stages: statuses.map((status) => stage(status)),
      data: this.#of("data").map((event) => event.data),
      logs: this.#of("log").map((event) => lasting(event)),
      progress: statuses.map((status) => status.progress_data).filter(Boolean),
      estimates: statuses
        .filter((status) => stage(status) === "queued")
        .map(({ position, size }) => ({ position, size })),
      last: lasting(statuses.at(-1)),
    });
  }

  #of(type) {
    return this.events.filter((event) => event.type === type);
  }
}

/** A report without what depends on other jobs: how often it heard its place in the queue. */
export function inCompany({ estimates, ...report }) {
  return { ...report, stages: report.stages.filter((one) => one !== "queued") };
}

/** A report without what depends on when the server looks: the progress between two waits. */
export function unwatched({ progress, ...report }) {
  return { ...report, stages: report.stages.filter((one) => one !== "progress") };
}

/** What a call gives in the end: {result} or {error} with the fields of the thrown error. */
export async function outcome(bench, call) {
  try {
    const { data } = await within("the result", Promise.resolve().then(call));
    return bench.hide({ result: data });
  } catch (error) {
    if (error.message.includes(`not within ${DEADLINE}`)) throw error;
    return { error: bench.hide({ message: error.message, ...lasting(error) }) };
  }
}

function stage(status) {
  if (status.original_msg === "process_starts") return "started";
  if (status.stage !== "pending") return status.stage;
  if (status.progress_data) return "progress";
  return status.position === undefined ? "pending" : "queued";
}

function lasting(event) {
  const kept = Object.entries(event).filter(([name]) => !VARYING.includes(name));
  const report = Object.fromEntries(kept);
  // The numbers that components happen to have.
  if (report.changed_state_ids) report.changed_state_ids = report.changed_state_ids.map(() => "id");
  return report;
}
