// The event stream format, in pieces as a network delivers them: across any boundaries, split at
// LF, CR or CRLF and nowhere else (CLIENT-016), with comments and unknown fields left out
// (CLIENT-017). Every character is looked at once, however small the pieces are.

export interface StreamEvent {
  event: string;
  data: string;
}

const LINE_END = /\r\n|\n|\r/g;

export class EventStream {
  private pieces: string[] = []; // of the line that has not ended yet
  private event = "";
  private data: string[] = [];
  private afterCarriageReturn = false;
  private atStart = true;

  /** The events that `text` completes; what is left of it waits for the next piece. */
  push(text: string): StreamEvent[] {
    const found: StreamEvent[] = [];
    let rest = text;
    if (rest === "") return found;
    if (this.atStart) rest = rest.replace(/^\uFEFF/, "");
    this.atStart = false;
    if (this.afterCarriageReturn && rest.startsWith("\n")) rest = rest.slice(1);
    this.afterCarriageReturn = text.endsWith("\r");
    let from = 0;
    for (const end of rest.matchAll(LINE_END)) {
      this.pieces.push(rest.slice(from, end.index));
      this.take(this.pieces.join(""), found);
      this.pieces = [];
      from = end.index + end[0].length;
    }
    if (from < rest.length) this.pieces.push(rest.slice(from));
    return found;
  }

  private take(line: string, found: StreamEvent[]): void {
    if (line === "") {
      if (this.data.length > 0) found.push({ event: this.event, data: this.data.join("\n") });
      this.event = "";
      this.data = [];
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.data.push(value);
    else if (field === "event") this.event = value;
  }
}
