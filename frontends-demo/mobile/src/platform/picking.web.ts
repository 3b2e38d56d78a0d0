import type { Picked } from "./picking";

/** A file that the browser has handed out. */
export function pickedFile(file: File): Picked {
  const type = file.type || "application/octet-stream";
  const preview = type.startsWith("image/") ? URL.createObjectURL(file) : null;
  return { file: { name: file.name, type, size: file.size, body: file }, preview };
}
