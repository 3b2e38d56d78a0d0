// "\r" at the end of a piece may be the first half of "\r\n", and waits for the next one.
const LINE_END = /\r\n|\n|\r(?!$)/;

/** The data of each event of an event stream, whatever the pieces it comes in: CLIENT-016. */
export async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = "";
  let data: string[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return; // an event without its empty line is none
    const lines = (rest + decoder.decode(value, { stream: true })).split(LINE_END);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("data:")) {
        data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
      } else if (line === "" && data.length > 0) {
        yield data.join("\n");
        data = [];
      } // anything else is a comment, or a field that Gradio does not send: CLIENT-017
    }
  }
}
