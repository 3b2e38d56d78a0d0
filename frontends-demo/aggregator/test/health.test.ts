import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CALM, DOWN, SLOW, after, latency, pause, unknown } from "../src/health";
import type { Sign } from "../src/health";

const answer = (ms = 10): Sign => ({ kind: "answer", ms, queue: 0 });
const silence: Sign = { kind: "silence", reason: "It cannot be reached." };
const trouble: Sign = { kind: "trouble", reason: "A stream broke." };
const after_all = (...signs: Sign[]) => signs.reduce(after, unknown);

describe("health", () => {
  test("one silence is chance, two are not, one answer ends it", () => {
    expect(after_all(answer(), silence).state).toBe("degraded");
    expect(after_all(answer(), silence, silence).state).toBe("down");
    expect(after_all(answer(), silence, silence, answer()).state).toBe("connected");
  });

  test("a trouble is remembered for a few answers, with its reason", () => {
    const early = after_all(answer(), trouble, ...Array(CALM - 1).fill(answer()));
    expect([early.state, early.reason]).toEqual(["degraded", "A stream broke."]);
    expect(after(early, answer())).toMatchObject({ state: "connected", reason: "" });
  });

  test("slow is degraded by the median, so that one slow answer is not", () => {
    expect(after_all(answer(), answer(), answer(SLOW * 3)).state).toBe("connected");
    expect(after_all(answer(SLOW + 1), answer(SLOW + 1)).state).toBe("degraded");
  });

  test("a log-in that is wanted is neither", () => {
    expect(after_all(answer(), { kind: "locked" }, trouble).state).toBe("locked");
    expect(after_all({ kind: "locked" }, answer()).state).toBe("connected");
  });

  const signs = fc.array(
    fc.oneof(fc.nat(3000).map(answer), fc.constantFrom<Sign>(silence, trouble, { kind: "locked" })),
  );
  test("whatever happened, enough quick answers end in connected, enough silences in down", () => {
    fc.assert(
      fc.property(signs, (before) => {
        const any = after_all(...before);
        expect(Array(6).fill(answer()).reduce(after, any).state).toBe("connected");
        expect(Array(DOWN).fill(silence).reduce(after, any).state).toBe("down");
      }),
    );
  });

  test("connected has no reason, all else but the beginning has one; the pause is bounded", () => {
    fc.assert(
      fc.property(signs, (before) => {
        const health = after_all(...before);
        expect(health.reason === "").toBe(health.state === "connected" || health.state === "connecting");
        expect(pause(health)).toBeGreaterThanOrEqual(500);
        expect(health.latencies.length).toBeLessThanOrEqual(20);
        expect(latency(health)).toBeLessThanOrEqual(3000);
      }),
    );
  });
});
