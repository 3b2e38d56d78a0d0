import { settings } from "./settings";
import type { Settings } from "./settings";

const KEY = "desk";

/** `?server=URL`, what was chosen here before, or the server that this page is from. */
export function recall(): Settings {
  const known = settings(stored());
  const asked = new URLSearchParams(window.location.search).get("server");
  return { ...known, server: asked ?? (known.server || window.location.origin) };
}

export function remember(chosen: Settings): void {
  try {
    // The page's own server is the one that it would go to anyway.
    const server = chosen.server === window.location.origin ? "" : chosen.server;
    window.localStorage.setItem(KEY, JSON.stringify({ ...chosen, server }));
  } catch {
    // Storage may be switched off.
  }
}

function stored(): string {
  try {
    return window.localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}
