import { File, Paths } from "expo-file-system";
import { settings } from "./settings";
import type { Settings } from "./settings";

const file = (): File => new File(Paths.document, "desk.json");

/** What the phone remembers: a small file of the app's own. */
export function recall(): Settings {
  try {
    return settings(file().exists ? file().textSync() : "");
  } catch {
    return settings("");
  }
}

export function remember(chosen: Settings): void {
  try {
    file().write(JSON.stringify(chosen));
  } catch {
    // A full disk is no reason not to go on; it is asked for again next time.
  }
}
