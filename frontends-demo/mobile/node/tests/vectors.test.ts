// The specification's own vectors: framing of event streams, and edits of values.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { applyEdits } from "../../src/protocol/edits";
import type { Edit, Json } from "../../src/protocol/edits";
import { EventStream } from "../../src/protocol/events";

const ROOT = process.env["GRADIO_SPEC"] ?? "../../spec/gradio_spec";

function vectors<V>(subject: string): V[] {
  const path = join(ROOT, "versions/sse_v3/vectors", `${subject}.json`);
  return (JSON.parse(readFileSync(path, "utf8")) as { vectors: V[] }).vectors;
}

interface Framing {
  name: string;
  kind: string;
  input?: { chunks?: string[]; chunks_base64?: string[] };
  expected: { events: { data: string; event?: string | null }[] };
}

interface Editing {
  name: string;
  kind: string;
  needs?: string[];
  old?: Json;
  new?: Json;
  edits?: Edit[];
  chunks?: (Json | Edit[])[][];
  values?: Json[][];
}

describe("event streams", () => {
  for (const { name, kind, input, expected } of vectors<Framing>("sse")) {
    if (kind !== "decode" || !input) continue;
    const pieces = input.chunks_base64
      ? input.chunks_base64.map((piece) => Buffer.from(piece, "base64"))
      : (input.chunks ?? []).map((piece) => Buffer.from(piece, "utf8"));
    const wanted = expected.events.map(({ event, data }) => ({ event: event ?? "", data }));
    it(name, () => assert.deepEqual(read(pieces), wanted));
    const single = [...Buffer.concat(pieces)].map((byte) => Buffer.from([byte]));
    it(`${name}, byte by byte`, () => assert.deepEqual(read(single), wanted));
  }

  it("reads a line of a million characters in pieces of one in linear time", () => {
    const stream = new EventStream();
    for (const letter of "data: ") stream.push(letter);
    for (let i = 0; i < 1_000_000; i += 1) stream.push("x");
    assert.equal(stream.push("\n\n")[0]?.data.length, 1_000_000);
  });
});

function read(pieces: Buffer[]): { event: string; data: string }[] {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const stream = new EventStream();
  return pieces.flatMap((piece) => stream.push(decoder.decode(piece, { stream: true })));
}

describe("edits", () => {
  for (const vector of vectors<Editing>("diff")) {
    const { name, kind, old, edits, needs = [] } = vector;
    if (needs.length > 0) continue; // JSON of JavaScript has one kind of number
    if ((kind === "encode" || kind === "apply") && edits && old !== undefined) {
      it(name, () => {
        const before = structuredClone(old);
        assert.deepEqual(applyEdits(old, edits), vector.new);
        assert.deepEqual(old, before, "what was shown before is left as it was");
      });
    }
    if (kind === "stream" && vector.chunks && vector.values) {
      it(name, () => assert.deepEqual(shown(vector.chunks ?? []), vector.values));
    }
  }

  it("refuses a step into what every object has", () => {
    assert.throws(() => applyEdits({}, [["replace", ["__proto__", "x"], 1]]), RangeError);
    assert.equal(({} as Record<string, unknown>)["x"], undefined);
  });
});

function shown(chunks: (Json | Edit[])[][]): Json[][] {
  let values: Json[] | null = null;
  return chunks.map((chunk) => {
    values = values
      ? values.map((value, i) => applyEdits(value, (chunk[i] ?? []) as Edit[]))
      : (chunk as Json[]);
    return values;
  });
}
