import { expect, test } from "vitest";
import { events } from "./events";

const STREAM = 'data: {"a":"é\u2028"}\n\ndata:one\ndata: two\n\n: comment\n\nevent: x\ndata: 3\n\n';
const DATA = ['{"a":"é\u2028"}', "one\ntwo", "3"];

async function read(...pieces: Uint8Array[]): Promise<string[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  const found: string[] = [];
  for await (const data of events(body)) found.push(data);
  return found;
}

test.each(["\n", "\r\n", "\r"])("lines that end with %j, in one piece and byte by byte", async (end) => {
  // A last CR waits for what follows it, so the stream goes on.
  const bytes = new TextEncoder().encode(`${STREAM}:\n`.replaceAll("\n", end));
  expect(await read(bytes)).toEqual(DATA);
  expect(await read(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(DATA);
});

test("what is broken off is not an event", async () => {
  expect(await read(new TextEncoder().encode("data: 1\n\ndata: 2\n"))).toEqual(["1"]);
});
