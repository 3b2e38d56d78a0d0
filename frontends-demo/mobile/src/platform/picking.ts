import { getDocumentAsync } from "expo-document-picker";
import { launchImageLibraryAsync } from "expo-image-picker";
import type { Upload } from "../protocol";

export interface Picked {
  file: Upload;
  /** Where this device shows it from, if it is a picture. */
  preview: string | null;
}

const ACCEPTED = ["text/plain", "text/markdown", "image/png", "image/jpeg", "image/webp", "image/gif"];

/** A file of the phone's, by its own document picker; null if the user thinks better of it. */
export async function pickDocument(): Promise<Picked | null> {
  // The copy is a file that an upload can read, whichever cloud the document is in.
  const chosen = await getDocumentAsync({ type: ACCEPTED, copyToCacheDirectory: true });
  const asset = chosen.assets?.[0];
  if (!asset) return null;
  return picked(asset.uri, asset.name, asset.mimeType, asset.size);
}

/** A picture of the photo library's; needs no permission, since the system's picker shows it. */
export async function pickPhoto(): Promise<Picked | null> {
  const chosen = await launchImageLibraryAsync({ mediaTypes: "images", quality: 0.9 });
  const asset = chosen.assets?.[0];
  if (!asset) return null;
  const name = asset.fileName ?? asset.uri.split("/").pop() ?? "photo.jpg";
  return picked(asset.uri, name, asset.mimeType ?? "image/jpeg", asset.fileSize);
}

function picked(uri: string, name: string, mime: string | undefined, size: number | undefined) {
  const type = mime ?? "application/octet-stream";
  const file: Upload = { name, type, size: size ?? null, body: { uri, name, type } };
  return { file, preview: type.startsWith("image/") ? uri : null };
}
