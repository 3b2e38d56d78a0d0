/** Milliseconds without a message, not even a heartbeat (one comes every 15 s): duty 12. */
const SILENCE = 45_000;

/** The error by which a cancelled event is told to the official client, and known again. */
export const CANCELLED = "\u0000cancelled";

const KNOWN = new Set([
  "estimation",
  "process_starts",
  "progress",
  "log",
  "process_generating",
  "process_streaming",
  "process_completed",
  "heartbeat",
  "close_stream",
]);

interface Message {
  msg: string;
  event_id: string | null;
  success?: boolean;
  output?: Record<string, unknown>;
}

/** What the official client shall see instead of a message; null: nothing at all. */
export function translate(message: Message): Message | null {
  if (!KNOWN.has(message.msg)) return null; // CLIENT-019
  const { msg, output = {}, success } = message;
  if (msg !== "process_completed" || output.data || "error" in output) return message;
  return { ...message, success: false, output: { error: success ? CANCELLED : null } }; // CLIENT-010
}

interface Hooks {
  ended(event: string): void;
  /** The server closed the stream; whether that was right. */
  closed(): boolean;
  lost(): void;
}

/**
 * Stands between an event source and the official client, which listens after it, and mends what
 * section 17.2 of protocol.md says of that client. `lost` is told before the client is.
 */
export function guard(source: EventSource, hooks: Hooks): void {
  const ours = new WeakSet<Event>();
  let timer: ReturnType<typeof setTimeout>;

  const pass = (event: Event) => {
    ours.add(event);
    source.dispatchEvent(event);
  };
  const tellLoss = () => {
    hooks.lost();
    pass(new Event("error"));
  };
  const lose = () => {
    clearTimeout(timer);
    source.close(); // or it would connect again by itself, to a stream that has gone
    // The client handles each message in a timer of its own: a result that has come is told first.
    setTimeout(tellLoss);
  };
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(lose, SILENCE);
  };

  source.addEventListener("error", (event) => {
    if (ours.has(event)) return;
    event.stopImmediatePropagation();
    lose();
  });
  source.addEventListener("message", (event) => {
    if (ours.has(event)) return;
    event.stopImmediatePropagation();
    heard();
    const message = JSON.parse(event.data as string) as Message;
    if (message.msg === "unexpected_error") return lose(); // CLIENT-011
    const seen = translate(message);
    if (seen) pass(new MessageEvent("message", { data: JSON.stringify(seen) }));
    if (message.msg === "process_completed" && message.event_id) hooks.ended(message.event_id);
    if (message.msg === "close_stream") {
      clearTimeout(timer);
      setTimeout(() => hooks.closed() || tellLoss());
    }
  });
  heard();
}
