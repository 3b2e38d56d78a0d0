// A job with backends whose sessions follow a script: what it shows, and that it is never on two at
// once. The decisions themselves are tested in failover.test.ts.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Lost, Refused } from "../../html/static/session.js";
import type { Backend } from "../src/backend";
import { Job } from "../src/jobs";
import type { Order } from "../src/jobs";

type Behaviour = "done" | "failed" | "lost" | "down" | "refused" | "unanswered" | "upload fails" | "cancelled";
const BEHAVIOURS: Behaviour[] = ["done", "failed", "lost", "down", "refused", "unanswered", "upload fails", "cancelled"];

const turn = () => new Promise<void>((resolve) => setTimeout(resolve));

class World {
  live = 0;
  most = 0;
  cancels: string[] = [];
  job: Job;
  backends: Backend[];

  constructor(behaviours: Behaviour[], endpoint = "poster", forgotten?: Order["forgotten"]) {
    this.backends = behaviours.map((behaviour, index) => this.#backend(`b${index}`, behaviour));
    this.job = new Job(1, {
      endpoint,
      subject: "sea.png",
      args: [],
      missing: () => 0,
      prepare: async (backend) => {
        if (behaviours[this.backends.indexOf(backend)] === "upload fails") throw new Error("Too large.");
        return {};
      },
      ...(forgotten && { forgotten }),
    });
  }

  async run(): Promise<Job> {
    await this.job.run(() => this.backends, () => [this.job], () => {});
    return this.job;
  }

  #backend(url: string, behaviour: Behaviour): Backend {
    const submit = async (_: string, __: unknown, tell: (kind: string, detail?: unknown) => void) => {
      if (behaviour === "refused") throw new Refused(503, "Queue is full.");
      if (behaviour === "unanswered") throw new Lost("The server does not answer.");
      this.most = Math.max(this.most, (this.live += 1));
      void this.#tell(behaviour, tell);
      return { cancel: async () => this.cancels.push(url) };
    };
    const endpoint = { parameters: [], returns: [] };
    return {
      url,
      name: url,
      open: true,
      health: { state: "connected", latencies: [], queue: 0 },
      endpoints: new Map([["poster", endpoint], ["pay", endpoint]]),
      seconds: new Map(),
      session: { submit },
      trouble: () => {},
      took: () => {},
    } as unknown as Backend;
  }

  async #tell(behaviour: Behaviour, tell: (kind: string, detail?: unknown) => void): Promise<void> {
    await turn();
    tell("queued", { rank: 1, queue_size: 3, rank_eta: 4.2 });
    tell("started");
    tell("data", ["half"]);
    await turn();
    this.live -= 1;
    if (behaviour === "down") this.job.abandon("It went down.");
    else if (behaviour === "failed") tell("failed", { title: "Not on the shelf", error: "It is gone." });
    else if (behaviour === "lost") tell("lost", new Lost("The connection was lost."));
    else tell(behaviour, behaviour === "done" ? ["whole"] : undefined);
    tell("data", ["a straggler"]);
  }
}

describe("a job", () => {
  test("ends, is on one backend at a time, and shows a result only of a backend that told one", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...BEHAVIOURS), { minLength: 1, maxLength: 4 }),
        fc.constantFrom("poster", "pay"),
        async (behaviours, endpoint) => {
          const world = new World(behaviours, endpoint);
          const job = await world.run();
          expect(job.over).toBe(true);
          expect(world.most).toBeLessThanOrEqual(1);
          expect(job.attempts.length).toBeLessThanOrEqual(behaviours.length);
          expect(job.state === "done").toBe(job.attempts.at(-1)?.outcome.kind === "done");
          if (job.state === "done") expect(job.data).toEqual(["whole"]);
          else expect(job.state === "cancelled" || job.error !== null).toBe(true);
        },
      ),
      { numRuns: 60 },
    ));

  test("that is moved says from where and why, and is taken back there", async () => {
    const world = new World(["lost", "done"]);
    const job = await world.run();
    expect(job.state).toBe("done");
    expect(job.notes).toEqual([{ level: "moved", text: "Moved to b1. The connection was lost." }]);
    expect(job.attempts.map(({ outcome }) => outcome.kind)).toEqual(["lost", "done"]);
    expect(world.cancels).toEqual(["b0"]);
  });

  test("that may not run twice is unknown after a loss, and is left alone there", async () => {
    const world = new World(["down", "done"], "pay");
    const job = await world.run();
    expect([job.state, job.attempts.length]).toEqual(["unknown", 1]);
    expect(world.cancels).toEqual([]);
  });

  test("whose document was forgotten is sent again to the same backend, once", async () => {
    const asked: string[] = [];
    const world = new World(["failed"], "poster", async ({ url }) => asked.push(url) > 0);
    const job = await world.run();
    expect(asked).toEqual(["b0", "b0"]);
    expect(job.attempts.map(({ outcome }) => outcome.kind)).toEqual(["forgotten", "forgotten"]);
  });

  test.each(["before it began", "while a document was brought"])("that was asked to cancel %s does not run", async (when) => {
    const world = new World(["done"]);
    if (when === "before it began") world.job.cancel();
    const run = world.run();
    world.job.cancel();
    const job = await run;
    expect([job.state, world.most]).toEqual(["cancelled", 0]);
  });

  test("shows its place, counted from one", async () => {
    const world = new World(["done"]);
    const job = await world.run();
    expect([job.place, job.of, job.eta]).toEqual([2, 3, 4.2]);
  });
});
