import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CANCELLED, guard, translate } from "./stream";

class Source extends EventTarget {
  close = vi.fn();
  receive(message: object) {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
  }
}

function guarded() {
  const source = new Source();
  const hooks = { ended: vi.fn(), closed: vi.fn(() => true), lost: vi.fn() };
  guard(source as unknown as EventSource, hooks);
  const told: string[] = []; // what a client that listens afterwards gets to see
  source.addEventListener("message", (event) => {
    told.push((JSON.parse((event as MessageEvent<string>).data) as { msg: string }).msg);
  });
  source.addEventListener("error", () => told.push("error"));
  return { source, hooks, told };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a cancelled event is told as an error that is known again", () => {
  const message = { msg: "process_completed", event_id: "e", success: true, output: {} };
  expect(translate(message)).toEqual({ ...message, success: false, output: { error: CANCELLED } });
});

test("a result and an error pass as they are", () => {
  for (const output of [{ data: [1] }, { error: null }]) {
    const message = { msg: "process_completed", event_id: "e", output };
    expect(translate(message)).toBe(message);
  }
});

test("what no release sends is not shown to the client", () => {
  const { source, told } = guarded();
  source.receive({ msg: "news", event_id: "e" });
  source.receive({ msg: "heartbeat", event_id: null });
  expect(told).toEqual(["heartbeat"]);
});

test("an end without close_stream is one loss, after what has come", () => {
  const { source, hooks, told } = guarded();
  source.receive({ msg: "process_completed", event_id: "e", output: { data: [] }, success: true });
  source.dispatchEvent(new Event("error"));
  expect(source.close).toHaveBeenCalled();
  expect(told).toEqual(["process_completed"]);
  vi.runAllTimers();
  expect(told).toEqual(["process_completed", "error"]);
  expect(hooks.lost).toHaveBeenCalledOnce();
  expect(hooks.ended).toHaveBeenCalledWith("e");
});

test("unexpected_error is a loss", () => {
  const { source, hooks, told } = guarded();
  source.receive({ msg: "unexpected_error", event_id: null });
  vi.runAllTimers();
  expect(told).toEqual(["error"]);
  expect(hooks.lost).toHaveBeenCalledOnce();
});

test("silence is a loss, but not as long as there are heartbeats", () => {
  const { source, hooks } = guarded();
  for (let beat = 0; beat < 5; beat++) {
    vi.advanceTimersByTime(15_000);
    source.receive({ msg: "heartbeat", event_id: null });
  }
  expect(hooks.lost).not.toHaveBeenCalled();
  vi.advanceTimersByTime(46_000);
  expect(hooks.lost).toHaveBeenCalledOnce();
});

test("after close_stream silence is no loss", () => {
  const { source, hooks } = guarded();
  source.receive({ msg: "close_stream", event_id: null });
  vi.runAllTimers();
  expect(hooks.closed).toHaveBeenCalledOnce();
  expect(hooks.lost).not.toHaveBeenCalled();
});

test("close_stream before the end of an event is a loss", () => {
  const { source, hooks, told } = guarded();
  hooks.closed.mockReturnValue(false);
  source.receive({ msg: "close_stream", event_id: null });
  vi.runAllTimers();
  expect(told).toEqual(["close_stream", "error"]);
  expect(hooks.lost).toHaveBeenCalledOnce();
});
