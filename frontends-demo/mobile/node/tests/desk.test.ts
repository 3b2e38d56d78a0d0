// The app without its screens, over both transports, against Desk as a user starts it. The servers'
// URLs are given: DESK_URL, DESK_OTHER_URL (another process) and DESK_LOGIN_URL (ann:lovelace).

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, describe, it } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import { Desk } from "../../src/desk/desk";
import type { State } from "../../src/desk/desk";
import { busy, wording } from "../../src/desk/run";
import type { Run } from "../../src/desk/run";
import type { Passage } from "../../src/desk/shapes";
import { poster } from "../../src/desk/shapes";
import { Relay } from "../relay";
import { WAYS, transport } from "../transports";
import type { Way } from "../transports";

const PATIENCE = 60_000; // ms, for a loaded machine; nothing is measured by it

const WORDS = "the harbour wakes before town and gulls sort what fishermen have left on quay".split(" ");
const TEXT = Array.from({ length: 60 }, (_, i) => {
  const line = Array.from({ length: 12 }, (_, j) => WORDS[(i * 7 + j * (1 + (i % 5))) % WORDS.length]);
  return `${line.join(" ")}.`;
}).join("\n\n");

// A gradient as a PNG; of 1000 x 1000 it takes seconds to print.
function picture(side: number): Buffer {
  const row = (y: number): Buffer => {
    const points = Array.from({ length: side }, (_, x) => [x % 256, y % 256, (x + y) % 256]);
    return Buffer.from([0, ...points.flat()]); // 0: no filter
  };
  const size = Buffer.alloc(8);
  size.writeUInt32BE(side, 0);
  size.writeUInt32BE(side, 4);
  const rows = deflateSync(Buffer.concat(Array.from({ length: side }, (_, y) => row(y))));
  const head = Buffer.concat([size, Buffer.from([8, 2, 0, 0, 0])]); // 8 bits of each of RGB
  const mark = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([mark, chunk("IHDR", head), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(kind: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), content]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function url(name: string): string {
  const given = process.env[name];
  if (!given) throw new Error(`${name} is not set: \`tox run -e phone\` starts the servers`);
  return given;
}

function until(desk: Desk, what: string, fits: (state: State) => boolean): Promise<State> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      stop();
      reject(new Error(`${what}: not in ${PATIENCE} ms; ${JSON.stringify(desk.state).slice(0, 2000)}`));
    }, PATIENCE);
    const look = (): void => {
      if (!fits(desk.state)) return;
      clearTimeout(late);
      stop();
      resolve(desk.state);
    };
    const stop = desk.subscribe(look);
    look();
  });
}

function file(name: string, content: string | Buffer, type = "text/plain") {
  const body = new Blob([content as BlobPart], { type });
  return { name, type, size: body.size, body };
}

const idOf = (desk: Desk, kind: "text" | "picture"): string =>
  desk.state.documents.find((document) => document.kind === kind)?.id ?? "";

const write = (desk: Desk, words: number): void =>
  desk.start("write", { document: idOf(desk, "text"), beginning: "", words });

const ended = (run: Run): boolean => !busy(run);

for (const way of WAYS) describe(`Desk over ${way}`, () => suite(way));

function suite(way: Way): void {
  let relay: Relay;
  let desk: Desk;
  const streams: string[] = [];

  before(async () => {
    assert.equal(typeof (globalThis as { EventSource?: unknown }).EventSource, "undefined");
    relay = await Relay.to(url("DESK_URL"));
  });
  after(() => relay.close());
  afterEach(() => {
    desk.leave();
    relay.mend(url("DESK_URL"));
    streams.length = 0;
  });

  async function opened(base = relay.url): Promise<Desk> {
    const real = transport(way);
    const read: typeof real.read = (address, piece, signal) => {
      streams.push(address);
      return real.read(address, piece, signal);
    };
    const hash = (): string => randomBytes(16).toString("hex");
    desk = new Desk({ transport: { send: (exchange) => real.send(exchange), read }, hash });
    desk.use(base);
    return desk;
  }

  async function withText(): Promise<Desk> {
    await opened();
    await until(desk, "connected", (state) => state.connection === "connected");
    await desk.add(file("harbour.txt", TEXT), null);
    assert.equal(desk.state.shelf.failure, null);
    assert.equal(desk.state.documents.length, 1);
    return desk;
  }

  it("shelves, and tells of a text that is short", async () => {
    await withText();
    await desk.add(file("short.md", "Few words here."), null);
    const { documents, shelf } = desk.state;
    assert.deepEqual(documents.map(({ name, kind }) => [name, kind]).sort(),
      [["harbour.txt", "text"], ["short.md", "text"]]);
    assert.match(shelf.notes[0]?.text ?? "", /short/);
    await desk.empty();
    assert.deepEqual(desk.state.documents, []);
  });

  it("tells what the server says of a file that it cannot read", async () => {
    await opened();
    await until(desk, "connected", (state) => state.connection === "connected");
    await desk.add(file("x.bin", Buffer.from([0, 159, 146, 150])), null);
    assert.equal(desk.state.shelf.failure?.title, "Cannot read this file");
    assert.equal(desk.state.upload, null);
  });

  it("shows a text that grows, and its result", async () => {
    await withText();
    const seen = new Set<string>();
    desk.subscribe(() => seen.add(String(desk.state.tools.write.values?.[0] ?? "")));
    write(desk, 300);
    const { tools } = await until(desk, "written", (state) => state.tools.write.phase === "done");
    const result = String(tools.write.values?.[0]);
    assert.ok(seen.size > 3, `${seen.size} states were shown`);
    for (const state of seen) assert.ok(result.startsWith(state), state);
  });

  // A print of which a piece is to be seen, and most is still to come.
  async function printing(): Promise<void> {
    await desk.add(file("large.png", picture(1000), "image/png"), null);
    desk.start("poster", { picture: idOf(desk, "picture"), colours: 4 });
    await until(desk, "a piece", ({ tools }) => poster(tools.poster.values).picture !== null);
  }

  it("reads one stream for tools that run at once", async () => {
    await withText();
    await desk.add(file("large.png", picture(1000), "image/png"), null);
    await until(desk, "the shelf", (state) => state.documents.length === 2);
    const from = streams.length;
    desk.start("poster", { picture: idOf(desk, "picture"), colours: 4 });
    await until(desk, "a palette", ({ tools }) => poster(tools.poster.values).palette.length > 0);
    desk.start("search", { question: "gulls on the quay" });
    const { tools } = await until(desk, "found", (state) => state.tools.search.phase === "done");
    const passages = tools.search.values?.[0] as unknown as Passage[];
    assert.equal(passages[0]?.document, "harbour.txt");
    assert.ok(!ended(desk.state.tools.poster), "the other tool goes on");
    assert.equal(streams.slice(from).filter((each) => each.includes("/queue/data")).length, 1);
    await until(desk, "progress", (state) => state.tools.poster.progress !== null);
    desk.cancel("poster");
    await until(desk, "cancelled", (state) => state.tools.poster.phase === "cancelled");
    assert.equal(wording(desk.state.tools.poster), "Cancelled");
  });

  it("waits in line, and says where", async () => {
    await opened();
    await until(desk, "connected", (state) => state.connection === "connected");
    await printing();
    const first = desk;
    await opened();
    await until(desk, "connected", (state) => state.connection === "connected");
    await desk.add(file("dot.png", picture(1), "image/png"), null);
    desk.start("poster", { picture: idOf(desk, "picture"), colours: 1 });
    const { tools } = await until(desk, "a place", (state) => state.tools.poster.place !== null);
    assert.match(wording(tools.poster), /^Waiting: place 1 of 1/);
    first.cancel("poster");
    await until(desk, "printed", (state) => state.tools.poster.phase === "done");
    first.leave();
  });

  it("makes a poster, and fetches it", async () => {
    await opened();
    await until(desk, "connected", (state) => state.connection === "connected");
    await desk.add(file("dot.png", picture(1), "image/png"), "blob:here");
    const [document] = desk.state.documents;
    assert.equal(desk.state.previews[document?.id ?? ""], "blob:here");
    desk.start("poster", { picture: document?.id ?? "", colours: 1 });
    const { tools } = await until(desk, "printed", (state) => state.tools.poster.phase === "done");
    const { picture: printed, palette } = poster(tools.poster.values);
    assert.match(palette[0] ?? "", /^#[0-9a-f]{6}$/);
    assert.ok(printed);
    const answer = await fetch(desk.fileUrl(printed) ?? "");
    assert.equal(answer.status, 200);
    assert.equal(Buffer.from(await answer.arrayBuffer()).subarray(1, 4).toString(), "PNG");
  });

  it("tells of a failure with its title, and of a call that was refused", async () => {
    await withText();
    desk.start("write", { document: "nobody", beginning: "", words: 5 });
    const { tools } = await until(desk, "failed", (state) => ended(state.tools.write));
    assert.equal(tools.write.phase, "failed");
    assert.ok(tools.write.failure?.title && tools.write.failure.message);
    desk.start("search", { question: "x", surplus: 1 });
    const again = await until(desk, "refused", (state) => state.tools.search.phase === "failed");
    assert.match(again.tools.search.failure?.message ?? "", /surplus/);
  });

  it("is lost with its stream, connects again, and runs again", async () => {
    await opened();
    await until(desk, "connected", (state) => state.connection === "connected");
    await printing();
    relay.cut();
    await until(desk, "lost", (state) => state.tools.poster.phase === "lost");
    assert.equal(desk.state.tools.poster.failure?.message, "The connection was lost.");
    assert.equal(desk.state.connection, "lost");
    desk.again("poster");
    await until(desk, "lost again", (state) => state.tools.poster.phase === "lost");
    relay.mend();
    await until(desk, "connected again", (state) => state.connection === "connected");
    desk.again("poster");
    await until(desk, "a piece", ({ tools }) => poster(tools.poster.values).picture !== null);
    desk.cancel("poster");
    await until(desk, "cancelled", (state) => state.tools.poster.phase === "cancelled");
  });

  it("reads the shelf of a server that has started anew", async () => {
    await withText();
    relay.cut();
    desk.wake(); // as a phone does that wakes up; the look finds nobody
    await until(desk, "lost", (state) => state.connection === "lost");
    relay.mend(url("DESK_OTHER_URL"));
    await until(desk, "the new shelf", ({ connection, documents }) =>
      connection === "connected" && documents.length === 0);
    await desk.add(file("harbour.txt", TEXT), null);
    write(desk, 20);
    await until(desk, "done", (state) => state.tools.write.phase === "done");
  });

  it("does not look while it is out of sight, and at once when it is seen", async () => {
    await opened();
    await until(desk, "connected", (state) => state.connection === "connected");
    desk.rest();
    relay.cut();
    relay.mend();
    desk.wake();
    await until(desk, "connected", (state) => state.connection === "connected");
  });

  it("logs in and out", async () => {
    await opened(url("DESK_LOGIN_URL"));
    await until(desk, "asked", (state) => state.login.wanted);
    await desk.logIn("ann", "wrong");
    assert.match(desk.state.login.failure?.message ?? "", /not right/);
    await desk.logIn("ann", "lovelace");
    await until(desk, "inside", (state) => state.login.user === "ann");
    await desk.add(file("harbour.txt", TEXT), null);
    assert.equal(desk.state.documents.length, 1);
    await desk.logOut();
    const outside = await until(desk, "outside", (state) => state.login.wanted);
    assert.deepEqual(outside.documents, []);
  });
}
