import { expect, test } from "vitest";
import { marked } from "./marked";

test("the pieces are the text, and the telling words of the question are found", () => {
  const text = "Gulls sort what fishermen left. Gulls!";
  const pieces = marked(text, "what do gulls eat?");
  expect(pieces.map(([piece]) => piece).join("")).toBe(text);
  expect(pieces.filter(([, found]) => found).map(([piece]) => piece)).toEqual([
    "Gulls",
    "what",
    "Gulls",
  ]);
});

test("short words count when there are no others", () => {
  expect(marked("We do it.", "do it")).toContainEqual(["do", true]);
});

test("a text without any of the words is one piece", () => {
  expect(marked("Nothing.", "harbour")).toEqual([["Nothing.", false]]);
});
