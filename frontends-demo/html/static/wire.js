// What is on the wire: messages as server-sent events, values as edits, files as forms.

export class Lost extends Error {} // the connection, and all that was outstanding

export class Refused extends Error { // by the server, with an HTTP status
  constructor(status, detail) {
    super(typeof detail === "string" ? detail : `The server answered ${status}.`);
    this.status = status;
  }
}

// The messages of an event stream. Its lines end at LF, CR or CRLF and nowhere else, wherever the
// network cuts them, and comments are left out: CLIENT-016, CLIENT-017.
export async function* messages(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let line = "";
  let data = [];
  let afterReturn = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const text = afterReturn && value.startsWith("\n") ? value.slice(1) : value;
    afterReturn = value.endsWith("\r");
    const [first, ...others] = text.split(/\r\n|\n|\r/);
    line += first;
    for (const next of others) {
      if (line.startsWith("data:")) data.push(line.slice(5));
      else if (line === "" && data.length > 0) {
        yield JSON.parse(data.join("\n"));
        data = [];
      }
      line = next;
    }
  }
}

// A value with edits [op, path, value] applied; what was shown before is left as it was: DIFF-001.
export function apply(value, edits) {
  let root = structuredClone(value);
  for (const [op, path, item] of edits) {
    const holder = path.slice(0, -1).reduce((node, step) => node[step], root);
    const key = path.at(-1);
    if (path.length === 0) root = op === "append" ? root + item : item;
    else if (op === "replace") put(holder, key, item);
    else if (op === "append") put(holder, key, holder[key] + item);
    else if (op === "add") Array.isArray(holder) ? holder.splice(key, 0, item) : put(holder, key, item);
    else if (op === "delete") Array.isArray(holder) ? holder.splice(key, 1) : delete holder[key];
    else throw new Error(`Unknown edit: ${op}`);
  }
  return root;
}

function put(holder, key, value) { // an assignment would not make a member named __proto__
  const open = { writable: true, enumerable: true, configurable: true };
  Object.defineProperty(holder, key, { value, ...open });
}

// The paths under which the server keeps a file. XMLHttpRequest, because fetch tells no progress.
export function upload(url, file, progress) {
  const form = new FormData();
  form.append("files", file, file.name);
  if (!globalThis.XMLHttpRequest) return plainly(url, form);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.withCredentials = true;
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => progress(loaded, total);
    request.onerror = () => reject(new Lost("The connection was lost."));
    request.onload = () => (request.status === 200 ? resolve(request.response)
      : reject(new Refused(request.status, request.response?.detail)));
    request.send(form);
  });
}

async function plainly(url, body) { // in a worker, or in Node.js
  const lost = () => { throw new Lost("The connection was lost."); };
  const response = await fetch(url, { method: "POST", body, credentials: "include" }).catch(lost);
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Refused(response.status, answer?.detail);
  return answer;
}
