import type { Reply } from "./transport";

/** What a person can be told of something that did not work. */
export interface Failure {
  title: string;
  message: string;
  /** Whether the same call may succeed later, as after a 503 (CLIENT-021). */
  again: boolean;
}

export const LOST: Failure = { title: "", message: "The connection was lost.", again: true };

/** A request that the server has answered with another status than 200. */
export class Refused extends Error {
  override name = "Refused";

  constructor(readonly status: number, readonly failure: Failure) {
    super(`${failure.title}: ${failure.message}`);
  }
}

/** The body of a successful answer, parsed; throws `Refused` for any other. */
export function parsed(reply: Reply): unknown {
  if (reply.status === 200) {
    const body = json(reply.text);
    if (body !== undefined) return body;
  }
  throw new Refused(reply.status, refusal(reply));
}

function refusal({ status, text }: Reply): Failure {
  if (status === 200) return { title: "Not understood", message: "This is no Desk.", again: false };
  const told = wording(json(text)) ?? `The server answered ${status}.`;
  if (status === 503) return { title: "The server is busy", message: told, again: true };
  if (status === 422) return { title: "Not accepted", message: told, again: false };
  if (status === 413) return { title: "The file is too large", message: told, again: false };
  if (status === 401) return { title: "Not logged in", message: told, again: false };
  const title = status >= 500 ? "The server failed" : "The server refused";
  return { title, message: told, again: false };
}

// `detail` is a text, an object with `error`, or a list of verdicts and complaints (JOIN-007,
// JOIN-015); `error` stands alone in some answers.
function wording(body: unknown): string | null {
  if (typeof body === "string") return body === "" ? null : body;
  if (Array.isArray(body)) {
    const texts = body.map(wording).filter((text) => text !== null);
    return texts.length > 0 ? texts.join("; ") : null;
  }
  const known = body as Record<string, unknown> | null;
  if (known === null || typeof known !== "object") return null;
  return wording(known["detail"] ?? known["error"] ?? known["message"] ?? known["msg"] ?? null);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
