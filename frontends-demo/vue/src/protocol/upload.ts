import { detailOf, Refused } from "./http";

/** A file that the server has, as an argument: CLIENT-025, CLIENT-026. */
export interface Uploaded {
  path: string;
  orig_name: string;
  size: number;
  mime_type: string | null;
  meta: { _type: "gradio.FileData" };
}

/**
 * Uploads a file and tells meanwhile how many of its bytes have been sent: XMLHttpRequest, since
 * fetch does not tell. Raises `Refused`, or another error if no answer came.
 */
export function upload(api: string, file: File, tell: (sent: number) => void): Promise<Uploaded> {
  const { promise, resolve, reject } = deferred<Uploaded>();
  const request = new XMLHttpRequest();
  request.open("POST", `${api}/upload`);
  request.withCredentials = true;
  request.responseType = "json";
  request.upload.onprogress = ({ loaded, total }) => tell((file.size * loaded) / (total || 1));
  request.onerror = () => reject(new Error("The connection was lost."));
  request.onload = () => {
    const { status, response } = request;
    if (status !== 200) return reject(new Refused(status, detailOf(response)));
    const [path] = response as string[];
    if (!path) return reject(new Refused(status, "The server took no file."));
    const { name: orig_name, size, type } = file;
    resolve({ path, orig_name, size, mime_type: type || null, meta: { _type: "gradio.FileData" } });
  };
  const form = new FormData();
  form.append("files", file);
  request.send(form);
  return promise;
}

function deferred<Value>() {
  let resolve!: (value: Value) => void;
  let reject!: (reason: Error) => void;
  const promise = new Promise<Value>((good, bad) => {
    resolve = good;
    reject = bad;
  });
  return { promise, resolve, reject };
}
