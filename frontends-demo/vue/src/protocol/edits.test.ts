import { expect, test } from "vitest";
import { edited } from "./edits";
import type { Edit } from "./messages";

test.each<[string, unknown, Edit[], unknown]>([
  ["replaces the whole", "a", [["replace", [], "b"]], "b"],
  ["appends to the whole", "one", [["append", [], " two"]], "one two"],
  ["replaces inside", { a: [1, 2] }, [["replace", ["a", 1], 3]], { a: [1, 3] }],
  ["appends inside", ["x"], [["append", [0], "y"]], ["xy"]],
  ["adds to an array", [1, 3], [["add", [1], 2]], [1, 2, 3]],
  ["adds to an object", {}, [["add", ["a"], 1]], { a: 1 }],
  ["deletes from an array", [1, 2, 3], [["delete", [1], null]], [1, 3]],
  ["deletes from an object", { a: 1, b: 2 }, [["delete", ["a"], null]], { b: 2 }],
  ["works in order", [], [["add", [0], "a"], ["append", [0], "b"]], ["ab"]],
  ["has a value of its own", [null], [["replace", [0], { a: 1 }]], [{ a: 1 }]],
])("%s", (_, before, edits, after) => {
  const shown = structuredClone(before);
  expect(edited(before, edits)).toEqual(after);
  expect(before).toEqual(shown); // what is on the screen is left alone
});

test("refuses what it does not know", () => {
  expect(() => edited("", [["move", [], null] as unknown as Edit])).toThrow("Unknown edit: move");
});
