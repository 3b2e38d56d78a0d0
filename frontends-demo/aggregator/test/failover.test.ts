import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { choose, cost, mayHaveRun, next, usable } from "../src/failover";
import type { Attempt, Call, Candidate, End, Outcome } from "../src/failover";

const KEYS = ["a", "b", "c"];
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constantFrom<Outcome>(
    { kind: "done" },
    { kind: "cancelled" },
    { kind: "failed" },
    { kind: "forgotten" },
    { kind: "unsent" },
    { kind: "unanswered" },
    { kind: "lost" },
  ),
  fc.constantFrom(401, 403, 404, 422, 429, 500, 502, 503).map((status): Outcome => ({ kind: "refused", status })),
);
const rarely = fc.nat(9).map((chance) => chance === 0);
const often = rarely.map((rare) => !rare);
const candidate = (key: string): fc.Arbitrary<Candidate> =>
  fc.record({
    key: fc.constant(key),
    health: fc.constantFrom("connecting", "connected", "connected", "degraded", "degraded", "down", "locked"),
    open: often,
    offers: often,
    before: fc.nat(20),
    seconds: fc.double({ min: 0.1, max: 10, noNaN: true }),
    missing: fc.nat(10_000_000),
    latency: fc.nat(2000),
  });
const candidates: fc.Arbitrary<Candidate[]> = fc.tuple(...KEYS.map(candidate));
const call: fc.Arbitrary<Call> = fc.record({ endpoint: fc.constant("poster"), idempotent: fc.boolean() });
/** What the world does while a call goes on: the backends it sees, what comes of a try, a cancel. */
const MOMENTS = 2 * KEYS.length + 1; // the last one has to be the end
const worlds = fc.array(fc.record({ candidates, outcome, stop: rarely }), { minLength: MOMENTS, maxLength: MOMENTS });
type World = typeof worlds extends fc.Arbitrary<infer W> ? W : never;

const fine: Candidate = {
  key: "a",
  health: "connected",
  open: true,
  offers: true,
  before: 0,
  seconds: 1,
  missing: 0,
  latency: 10,
};
const [a, b] = [fine, { ...fine, key: "b", latency: 20 }];
const poster: Call = { endpoint: "poster", idempotent: true };
const risky: Call = { endpoint: "pay", idempotent: false };
const tried = (backend: string, outcome: Outcome): Attempt => ({ backend, outcome });

/** Drives a call through a world to its end. */
function play(call: Call, world: World) {
  const attempts: Attempt[] = [];
  let stop = false;
  for (const moment of world) {
    stop ||= moment.stop;
    const step = next(call, attempts, moment.candidates, stop);
    if (step.do === "end") return { attempts, end: step.as, stop };
    attempts.push(tried(step.backend, moment.outcome));
  }
  throw new Error("the call does not end");
}

describe("whatever happens", () => {
  const holds = (check: (played: ReturnType<typeof play> & { call: Call }) => void) =>
    fc.assert(
      fc.property(call, worlds, (call, world) => {
        check({ ...play(call, world), call });
      }),
      { numRuns: 2000 },
    );

  test("every call ends, after two attempts on each backend at most", () =>
    holds(({ attempts }) => {
      expect(attempts.length).toBeLessThanOrEqual(2 * KEYS.length);
    }));

  test("a call that may not run twice is tried no more once it may have run", () =>
    holds(({ call, attempts }) => {
      if (!call.idempotent) expect(attempts.slice(0, -1).filter((one) => mayHaveRun(one.outcome))).toEqual([]);
    }));

  test("nothing is tried after an end, and an end is told as it was", () =>
    holds(({ attempts, end }) => {
      const ends = attempts.map(({ outcome }) => outcome.kind).filter((kind) => ["done", "cancelled", "failed"].includes(kind));
      expect(ends.length).toBeLessThanOrEqual(1);
      if (ends[0]) expect([attempts.at(-1)?.outcome.kind, end]).toEqual([ends[0], ends[0]]);
      if (end === "done") expect(ends).toEqual(["done"]);
    }));

  test("a result that may exist is told as lost or unknown, and never as a call that did not run", () =>
    holds(({ call, attempts, end }) => {
      const last = attempts.at(-1)?.outcome.kind;
      if (last === "done" || last === "failed" || last === "cancelled") return;
      const ran = attempts.some(({ outcome }) => mayHaveRun(outcome));
      const told: End[] = ran ? [call.idempotent ? "lost" : "unknown", "failed"] : ["nowhere", "busy", "failed", "cancelled"];
      expect(told).toContain(end);
    }));

  test("a backend is asked again only if it had forgotten the documents", () =>
    holds(({ attempts }) => {
      for (const key of KEYS) {
        const there = attempts.filter(({ backend }) => backend === key).slice(0, -1);
        expect(there.every(({ outcome }) => outcome.kind === "forgotten")).toBe(true);
      }
    }));
});

describe("the choice", () => {
  test("is a usable backend whenever there is one, and none that is better stays out", () =>
    fc.assert(
      fc.property(candidates, (all) => {
        const chosen = choose(all);
        expect(chosen !== null).toBe(all.some(usable));
        if (!chosen) return;
        expect(usable(chosen)).toBe(true);
        for (const other of all.filter(usable)) {
          if (chosen.health === "degraded") expect(other.health).toBe("degraded");
          if (other.health === chosen.health) expect(cost(other)).toBeGreaterThanOrEqual(cost(chosen));
        }
      }),
    ));

  test("does not depend on the order", () =>
    fc.assert(
      fc.property(candidates, fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (all, order) => {
        const shuffled = order.map((index) => all[index] as Candidate);
        expect(choose(shuffled)?.key).toBe(choose(all)?.key);
      }),
    ));

  test("does not change when another backend gets worse", () =>
    fc.assert(
      fc.property(candidates, fc.nat(2), fc.nat(30), (all, index, more) => {
        const chosen = choose(all);
        fc.pre(chosen !== null && all[index]?.key !== chosen.key);
        const worse = all.map((one, at) => (at === index ? { ...one, before: one.before + more } : one));
        expect(choose(worse)?.key).toBe(chosen?.key);
      }),
    ));

  test.each<[string, Partial<Candidate>, Partial<Candidate>, string]>([
    ["the shorter queue", { before: 1 }, {}, "b"],
    ["the documents that are there, between equals", { missing: 1e6 }, {}, "b"],
    ["a small upload rather than a wait", { missing: 20_000 }, { before: 1 }, "a"],
    ["the healthy one, whatever its latency", { health: "degraded" }, { latency: 900 }, "b"],
    ["the quicker answer, all else being equal", {}, {}, "a"],
    ["a degraded one rather than none", { health: "down" }, { health: "degraded" }, "b"],
    ["never one that is closed for new calls", { open: false }, {}, "b"],
    ["never one that lacks the endpoint", { offers: false }, {}, "b"],
  ])("takes %s", (_, first, second, expected) => {
    expect(choose([{ ...a, ...first }, { ...b, ...second }])?.key).toBe(expected);
  });
});

describe("after a failure", () => {
  const moved = { do: "run", backend: "b" };
  test.each<[string, Call, Outcome, unknown]>([
    ["503 goes elsewhere", poster, { kind: "refused", status: 503 }, moved],
    ["503 goes elsewhere even if it may not run twice", risky, { kind: "refused", status: 503 }, moved],
    ["401 goes elsewhere", risky, { kind: "refused", status: 401 }, moved],
    ["404, another app by now, goes elsewhere", risky, { kind: "refused", status: 404 }, moved],
    ["422 is final", poster, { kind: "refused", status: 422 }, { do: "end", as: "failed" }],
    ["500 goes elsewhere if it may run twice", poster, { kind: "refused", status: 500 }, moved],
    ["500 is unknown otherwise", risky, { kind: "refused", status: 500 }, { do: "end", as: "unknown" }],
    ["a lost stream goes elsewhere if it may run twice", poster, { kind: "lost" }, moved],
    ["a lost stream is unknown otherwise", risky, { kind: "lost" }, { do: "end", as: "unknown" }],
    ["a join without an answer, likewise", risky, { kind: "unanswered" }, { do: "end", as: "unknown" }],
    ["an upload that failed goes elsewhere", risky, { kind: "unsent" }, moved],
    ["the app's own error is final", poster, { kind: "failed" }, { do: "end", as: "failed" }],
    ["a backend that forgot gets its document again", poster, { kind: "forgotten" }, { do: "run", backend: "a" }],
  ])("%s", (_, call, outcome, step) => {
    expect(next(call, [tried("a", outcome)], [a, b])).toEqual(step);
  });

  test("an error of the app is final for a call that may not run twice, whatever its reason", () => {
    expect(next(risky, [tried("a", { kind: "forgotten" })], [a, b])).toEqual({ do: "end", as: "failed" });
  });

  test("nothing is moved once its user asked to cancel it", () => {
    expect(next(poster, [tried("a", { kind: "lost" })], [a, b], true)).toEqual({ do: "end", as: "lost" });
    expect(next(poster, [tried("a", { kind: "unsent" })], [a, b], true)).toEqual({ do: "end", as: "cancelled" });
    expect(next(risky, [tried("a", { kind: "lost" })], [a, b], true)).toEqual({ do: "end", as: "unknown" });
  });

  test("a fault of all servers is told as a failure, a loss as a loss", () => {
    const fault: Outcome = { kind: "refused", status: 500 };
    expect(next(poster, [tried("a", fault), tried("b", fault)], [a, b])).toEqual({ do: "end", as: "failed" });
    expect(next(poster, [tried("a", { kind: "lost" }), tried("b", fault)], [a, b])).toEqual({ do: "end", as: "lost" });
  });

  test("a result that comes before the cancel is the result", () => {
    expect(next(poster, [tried("a", { kind: "done" })], [a, b], true)).toEqual({ do: "end", as: "done" });
  });

  test("all full is told as busy, nobody there as nowhere", () => {
    const full: Outcome = { kind: "refused", status: 503 };
    expect(next(poster, [tried("a", full), tried("b", full)], [a, b])).toEqual({ do: "end", as: "busy" });
    expect(next(poster, [], [{ ...a, health: "down" }])).toEqual({ do: "end", as: "nowhere" });
  });
});
