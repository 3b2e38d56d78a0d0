export interface Settings {
  /** URL of the server; "" where none was chosen. */
  server: string;
  /** How streams are read: XMLHttpRequest, or fetch with streams. */
  streaming: "xhr" | "fetch";
}

/** The settings in a text that may be empty, old or damaged. */
export function settings(text: string): Settings {
  let known: Partial<Settings> = {};
  try {
    known = (JSON.parse(text) as Partial<Settings> | null) ?? {};
  } catch {
    // nothing was stored
  }
  const server = typeof known.server === "string" ? known.server : "";
  return { server, streaming: known.streaming === "fetch" ? "fetch" : "xhr" };
}

/** What a person types for a server, as a URL without an end slash; null if it is none. */
export function serverUrl(typed: string): string | null {
  const text = typed.trim().replace(/\/+$/, "");
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  return /^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/i.test(whole) ? whole : null;
}
