/** The server answered that it will not. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly detail: unknown,
  ) {
    super(reason(detail) ?? `The server answered ${status}.`);
  }
}

const PATIENCE = 30_000; // ms that an answer may take, streams and uploads apart

/** The JSON of an answer. Raises `Refused` for a refusal, another error if no answer came. */
export async function ask<Answer>(url: string, init: RequestInit = {}): Promise<Answer> {
  const signal = AbortSignal.timeout(PATIENCE);
  return answer<Answer>(await fetch(url, { credentials: "include", signal, ...init }));
}

export async function answer<Answer>(response: Response): Promise<Answer> {
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as Answer;
  throw new Refused(response.status, detailOf(body));
}

export function detailOf(body: unknown): unknown {
  const { detail, error } = (body ?? {}) as { detail?: unknown; error?: unknown };
  return detail ?? error;
}

/** The text of a refusal: a string, or an array with a verdict for each argument [JOIN-015]. */
function reason(detail: unknown): string | null {
  if (typeof detail === "string") return detail;
  if (!Array.isArray(detail)) return null;
  const texts = detail.map(({ message, msg }) => String(message || msg || ""));
  return texts.filter(Boolean).join(" ") || null;
}
