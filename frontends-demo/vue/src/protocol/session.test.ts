import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Session } from "./session";
import type { Happening } from "./session";

/** A server, as `fetch` sees it: the test answers the joins and writes the streams. */
class Server {
  streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  joins: ((id: string) => void)[] = [];
  posts: [string, Record<string, unknown>][] = [];

  fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    if (url.endsWith("/config")) return Response.json(CONFIG);
    if (url.endsWith("/api/info")) return Response.json(INFO);
    if (url.includes("/queue/data")) return this.#stream(init.signal!);
    this.posts.push([url, JSON.parse(init.body as string) as Record<string, unknown>]);
    if (url.endsWith("/cancel")) return Response.json({ success: true });
    return new Promise((resolve) => {
      this.joins.push((event_id) => resolve(Response.json({ event_id })));
    });
  };

  #stream(signal: AbortSignal): Response {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.streams.push(controller);
        signal.addEventListener("abort", () => {
          try {
            controller.error(signal.reason);
          } catch {
            // it had ended
          }
        });
      },
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  }

  async send(...messages: object[]): Promise<void> {
    for (const message of messages) {
      this.streams.at(-1)!.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(message)}\n\n`));
    }
    await settled();
  }
}

const CONFIG = { api_prefix: "/api", app_id: 1, dependencies: [{ id: 7, api_name: "work" }] };
const INFO = {
  named_endpoints: {
    "/work": {
      parameters: [
        { parameter_name: "a", parameter_has_default: false, parameter_default: null },
        { parameter_name: "b", parameter_has_default: true, parameter_default: 60 },
      ],
    },
  },
};
const done = (event_id: string, ...data: unknown[]) => ({
  msg: "process_completed",
  event_id,
  success: true,
  output: { data },
});
const CLOSE = { msg: "close_stream", event_id: null };

const settled = async () => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
};

let server: Server;
let session: Session;

beforeEach(async () => {
  vi.useFakeTimers();
  server = new Server();
  vi.stubGlobal("fetch", server.fetch);
  session = await Session.open("http://there");
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function call(args: Record<string, unknown> = { a: "x" }) {
  const told: Happening[] = [];
  const { cancel } = session.call("/work", args, (happening) => told.push(happening));
  return { told, cancel };
}

async function join(id: string): Promise<void> {
  await settled();
  server.joins.shift()!(id);
  await settled();
}

test("arguments go in the order of /info, with its defaults and by the id of the function", async () => {
  call();
  await join("e");
  const [url, body] = server.posts[0]!;
  expect(url).toBe("http://there/api/queue/join");
  expect(body).toEqual({ data: ["x", 60], fn_index: 7, session_hash: session.hash });
});

test("first full values, then edits, and the result replaces all", async () => {
  const { told } = call();
  await join("e");
  const chunk = (data: unknown) => ({
    msg: "process_generating",
    event_id: "e",
    success: true,
    output: { data: [data] },
  });
  await server.send(chunk("one"), chunk([["append", [], " two"]]), done("e", "all"), CLOSE);
  expect(told).toEqual([
    { kind: "value", data: ["one"] },
    { kind: "value", data: ["one two"] },
    { kind: "done", data: ["all"] },
  ]);
});

test("messages that overtake the answer to their join are kept, even if the stream ends", async () => {
  const first = call();
  const second = call();
  await join("e1");
  await server.send(done("e2", 2), done("e1", 1), CLOSE);
  expect(first.told).toEqual([{ kind: "done", data: [1] }]);
  await join("e2");
  expect(second.told).toEqual([{ kind: "done", data: [2] }]);
  expect(server.streams).toHaveLength(1);
});

test("two calls share one stream; a join that crosses close_stream gets the next", async () => {
  const [first, second] = [call(), call()];
  await join("e1");
  await join("e2");
  expect(server.streams).toHaveLength(1);
  await server.send(done("e1", 1), done("e2", 2));
  const third = call();
  await join("e3");
  await server.send(CLOSE);
  expect(server.streams).toHaveLength(2);
  await server.send(done("e3", 3), CLOSE);
  expect([first, second, third].map(({ told }) => told.at(-1))).toEqual(
    [1, 2, 3].map((value) => ({ kind: "done", data: [value] })),
  );
  expect(server.streams).toHaveLength(2);
});

test.each<[string, () => Promise<void>]>([
  ["ends", async () => server.streams.at(-1)!.close()],
  ["breaks off", async () => server.streams.at(-1)!.error(new Error("reset"))],
  ["tells an unexpected error", () => server.send({ msg: "unexpected_error", event_id: null })],
  ["closes too early", () => server.send(CLOSE)],
  ["falls silent", async () => void vi.advanceTimersByTime(46_000)],
])("a stream that %s loses its calls, and the next call works", async (_, misfortune) => {
  const lost = vi.fn();
  session.onlost = lost;
  const first = call();
  await join("e1");
  await misfortune();
  await settled();
  expect(first.told).toEqual([{ kind: "lost" }]);
  expect(lost).toHaveBeenCalled();
  const second = call();
  await join("e2");
  await server.send(done("e2", 2), CLOSE);
  expect(second.told).toEqual([{ kind: "done", data: [2] }]);
});

test("a cancel names its event; only the stream tells its end", async () => {
  const { told, cancel } = call();
  await join("e");
  await cancel();
  expect(server.posts.at(-1)![1]).toEqual({
    event_id: "e",
    fn_index: 7,
    session_hash: session.hash,
  });
  expect(told).toEqual([]);
  await server.send({ msg: "process_completed", event_id: "e", success: true, output: {} });
  expect(told).toEqual([{ kind: "cancelled" }]);
});

test("what is not known is passed over", async () => {
  const { told } = call();
  await join("e");
  await server.send(
    { msg: "news", event_id: "e", more: 1 },
    { msg: "news", event_id: null },
    done("e", 1),
  );
  expect(told).toEqual([{ kind: "done", data: [1] }]);
});

test("an error may be null", async () => {
  const { told } = call();
  await join("e");
  const output = { error: null };
  await server.send({ msg: "process_completed", event_id: "e", success: false, output });
  expect(told).toEqual([{ kind: "failed", title: "Error", message: "The server failed." }]);
});
