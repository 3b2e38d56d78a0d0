import { describe, expect, test } from "vitest";
import { canonical, fits, merge, signature } from "../src/catalogue";
import type { Description, Endpoint, Parameter } from "../src/catalogue";

const parameter = (name: string, type: string, ...given: unknown[]): Parameter => ({
  parameter_name: name,
  parameter_has_default: given.length > 0,
  parameter_default: given[0] ?? null,
  type: { type },
  python_type: { type },
});
const write: Endpoint = {
  parameters: [parameter("document", "string"), parameter("words", "integer", 60)],
  returns: [{ type: { type: "string" }, python_type: { type: "str" } }],
  description: "Go on writing.",
};
const described = (key: string, named: Record<string, Endpoint>, hidden: string[] = []): Description => ({
  key,
  config: {
    dependencies: Object.keys(named).map((path, id) => ({
      id,
      api_name: path.slice(1),
      api_visibility: hidden.includes(path) ? "private" : "public",
    })),
  },
  endpoints: named,
});

describe("the merged catalogue", () => {
  test("names each endpoint once, with the backends that have it", () => {
    const [search, write_on] = merge([
      described("a", { "/write_on": write, "/search": { parameters: [], returns: [] } }),
      described("b", { "/write_on": write }),
    ]);
    expect(search).toMatchObject({ name: "search", backends: ["a"] });
    expect(write_on).toMatchObject({ name: "write_on", backends: ["a", "b"], differences: [] });
    expect(write_on?.variants).toEqual([
      { signature: "write_on(document: string, words: integer = 60) → str", backends: ["a", "b"] },
    ]);
  });

  test("leaves out what is private (CLIENT-034)", () => {
    expect(merge([described("a", { "/write_on": write }, ["/write_on"])])).toEqual([]);
  });

  test("says how signatures differ; the commonest is the measure", () => {
    const other: Endpoint = {
      parameters: [parameter("document", "integer"), parameter("words", "integer", 80), parameter("seed", "integer", 1)],
      returns: [],
    };
    const [entry] = merge([
      described("x", { "/write_on": other }),
      described("y", { "/write_on": write }),
      described("z", { "/write_on": write }),
    ]);
    expect(entry?.variants.map(({ backends }) => backends)).toEqual([["y", "z"], ["x"]]);
    expect(entry?.differences).toEqual([
      "document: integer instead of string",
      "words: default 80 instead of default 60",
      "seed: only there",
      "returns nothing",
    ]);
  });

  test("a difference that no caller can notice is none", () => {
    expect(canonical({ oneOf: [{ type: "null" }, { type: "integer" }] })).toBe(
      canonical({ oneOf: [{ type: "integer" }, { type: "null" }] }),
    );
    expect(canonical({ a: 1, b: [1, 2] })).not.toBe(canonical({ a: 1, b: [2, 1] }));
  });
});

describe("arguments", () => {
  test("fit if each has a parameter and no value is missing", () => {
    expect(fits(write, ["document"])).toBe(true);
    expect(fits(write, ["words"])).toBe(false);
    expect(fits(write, ["document", "tone"])).toBe(false);
  });

  test("a signature without parameters", () => {
    expect(signature("shelf", { parameters: [], returns: [] })).toBe("shelf()");
  });
});
