// A phone that sleeps: the clock goes on, the timers do not.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { SILENCE, Silence } from "../../src/protocol/silence";

describe("silence", () => {
  let lost = 0;
  let silence: Silence;

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout", "Date"] });
    lost = 0;
    silence = new Silence(SILENCE, () => (lost += 1));
  });
  afterEach(() => {
    silence.stop();
    mock.timers.reset();
  });

  it("is told after 45 seconds without a byte, and once", () => {
    mock.timers.tick(SILENCE - 1);
    assert.equal(lost, 0);
    mock.timers.tick(1);
    assert.equal(lost, 1);
    mock.timers.tick(10 * SILENCE);
    assert.equal(lost, 1);
  });

  it("begins anew with each byte", () => {
    for (let i = 0; i < 10; i += 1) {
      mock.timers.tick(SILENCE - 1);
      silence.heard();
    }
    assert.equal(lost, 0);
    mock.timers.tick(SILENCE);
    assert.equal(lost, 1);
  });

  it("is found out by a look at the clock when no timer has gone off", () => {
    const clock = Date.now() + SILENCE;
    mock.method(Date, "now", () => clock);
    silence.check();
    assert.equal(lost, 1);
    mock.restoreAll();
  });
});
