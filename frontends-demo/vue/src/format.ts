import type { Document } from "./desk";

const count = new Intl.NumberFormat("en");

export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** How large a document is, in its own measure and in bytes. */
export function extent({ words, width, height, size }: Document): string {
  const own = words === null ? `${width} × ${height}` : `${count.format(words)} words`;
  return `${own} · ${fileSize(size)}`;
}
