import { AppState, Platform } from "react-native";

/**
 * Tells when the app is seen again or the network is back (`wake`), and when it is out of sight
 * (`rest`). A phone may drop every connection of an app that it does not show.
 */
export function onPresence(wake: () => void, rest: () => void): () => void {
  const state = AppState.addEventListener("change", (now) => {
    if (now === "active") wake();
    else if (now === "background") rest();
  });
  if (Platform.OS !== "web") return () => state.remove();
  window.addEventListener("online", wake);
  return () => {
    state.remove();
    window.removeEventListener("online", wake);
  };
}
