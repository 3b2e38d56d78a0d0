import { File, Paths } from "expo-file-system";
import { isAvailableAsync, shareAsync } from "expo-sharing";
import { fetch } from "expo/fetch";

/** Fetches a file with the session's cookies, and hands it to the phone's share sheet. */
export async function save(url: string, name: string): Promise<void> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  if (!(await isAvailableAsync())) throw new Error("This device cannot share files.");
  const file = new File(Paths.cache, name.replace(/[^\w ,.()-]/g, "_"));
  file.write(new Uint8Array(await answer.arrayBuffer()));
  await shareAsync(file.uri, { mimeType: "image/png" });
}
