import { describe, expect, test } from "vitest";
import { advance, follow, READY, SENT, spoken } from "./job";
import type { Job, Submission } from "./job";
import { CANCELLED } from "./stream";

type Event = Parameters<typeof advance>[1];

const status = (members: object) => ({ type: "status", ...members }) as Event;
const data = (value: unknown) => ({ type: "data", data: [value] }) as Event;

function after(...events: Event[]): Job<unknown> {
  return events.reduce<Job<unknown>>(advance, SENT);
}

function submission(...events: Event[]): Submission {
  return (async function* () {
    yield* events;
  })() as unknown as Submission;
}

describe("the status line", () => {
  const place = (position: number, size: number, eta: number | null) =>
    spoken(after(status({ stage: "pending", position, size, eta })));

  test("counts places from 1", () => expect(place(0, 2, null)).toBe("Waiting: place 1 of 2"));
  test("tells an estimate", () => expect(place(1, 2, 3.4)).toBe("Waiting: place 2 of 2, about 3 s"));
  test("tells no estimate of 0 s", () => expect(place(0, 1, 0.2)).toMatch(/about 1 s$/));
  test("begins ready", () => expect(spoken(READY)).toBe("Ready"));
});

describe("a job", () => {
  test("runs once its function is called", () => {
    expect(after(status({ stage: "pending", original_msg: "process_starts", position: 0 })).phase).toBe(
      "running",
    );
  });

  test("knows progress as steps, of the innermost loop", () => {
    const outer = { index: 1, length: 2, unit: "files", progress: null, desc: "outer" };
    const inner = { index: 30, length: 120, unit: "rows", progress: null, desc: "Dithering" };
    const { progress } = after(status({ stage: "pending", progress_data: [outer, inner] }));
    expect(progress).toEqual({ value: 30, max: 120, text: "Dithering 30 of 120 rows" });
  });

  test("knows progress as a fraction", () => {
    const plain = { index: null, length: null, unit: null, progress: 0.256, desc: "Half" };
    const { progress } = after(status({ stage: "pending", progress_data: [plain] }));
    expect(progress).toEqual({ value: 26, max: 100, text: "Half 26 %" });
  });

  test("does not share its values with the client, which edits them in place", () => {
    const value = ["a"];
    const job = after(data(value));
    value[0] = "b";
    expect(job.result).toEqual(["a"]);
  });

  test.each([
    ["cancelled", { message: CANCELLED }],
    ["lost", { message: "Connection errored out. ", broken: true }],
    ["failed", { message: "No such city.", title: "Input" }],
  ])("ends as %s", (phase, members) => {
    expect(after(status({ stage: "error", ...members })).phase).toBe(phase);
  });

  test("may be tried again when the server is busy", () => {
    const message = "This application is currently busy. Please try again. ";
    expect(after(status({ stage: "error", message })).failure).toEqual({
      title: "",
      message: "The server is busy.",
      again: true,
    });
  });

  test("tells the verdicts of a refusal", () => {
    const message = [
      { message: "no key", is_valid: false },
      { message: "", is_valid: true },
    ];
    expect(after(status({ stage: "error", code: "validation_error", message })).failure?.message).toBe(
      "no key",
    );
  });

  test("does not go on for ever when its events end without an end", async () => {
    const job = await follow(submission(status({ stage: "generating" }), data("so far")));
    expect(job.phase).toBe("failed");
    expect(job.result).toBe("so far");
  });
});
