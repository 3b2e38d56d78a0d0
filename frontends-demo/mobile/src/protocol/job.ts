import { applyEdits } from "./edits";
import type { Edit, Json } from "./edits";
import { LOST } from "./failures";
import type { End, Message, Tell } from "./messages";

/** One event of a session, from the answer to its join to its end. */
export class Job {
  private values: Json[] | null = null;
  private unfit = false;

  constructor(readonly eventId: string, readonly fnIndex: number, private readonly tell: Tell) {}

  /** Takes a message of this event; true if it was the last one. */
  take(message: Message): boolean {
    switch (message.msg) {
      case "estimation":
        this.waiting(message);
        return false;
      case "process_starts":
        this.tell({ kind: "running" });
        return false;
      case "progress":
        this.tell({ kind: "progress", steps: message.progress_data ?? [] });
        return false;
      case "log":
        this.note(message);
        return false;
      case "process_generating":
        this.chunk(message);
        return false;
      case "process_completed":
        this.tell(ending(message));
        return true;
      default:
        return false; // news from a later server: CLIENT-019
    }
  }

  lose(message: string = LOST.message): void {
    this.tell({ kind: "lost", failure: { ...LOST, message } });
  }

  private waiting({ rank, queue_size, rank_eta }: Message): void {
    const place = (rank ?? 0) + 1; // EVT-004: 0 is next
    const seconds = rank_eta ?? null;
    this.tell({ kind: "waiting", place, of: Math.max(queue_size ?? 1, place), seconds });
  }

  private note({ visible, level, title, log }: Message): void {
    if (visible === false) return;
    const note = { level: level ?? "info", title: title ?? "", text: log ?? "" };
    this.tell({ kind: "note", note });
  }

  // CLIENT-014: full values first, then edits of each. What does not fit is left to the result.
  private chunk({ success, output }: Message): void {
    if (success === false || !output?.data || this.unfit) return;
    const before = this.values;
    try {
      this.values = before === null
        ? (output.data as Json[])
        : before.map((value, i) => applyEdits(value, (output.data?.[i] ?? []) as Edit[]));
    } catch {
      this.unfit = true;
      return;
    }
    this.tell({ kind: "values", values: this.values });
  }
}

// CLIENT-009, CLIENT-010, CLIENT-015: failed, cancelled, or the result as it came.
function ending({ success, output, title }: Message): End {
  if (success === true && output?.data) return { kind: "done", values: output.data as Json[] };
  if (success === true) return { kind: "cancelled" };
  const message = output?.error ?? "The server does not say why.";
  const failure = { title: title ?? output?.title ?? "Error", message, again: false };
  return { kind: "failed", failure };
}
