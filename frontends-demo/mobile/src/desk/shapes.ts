// What the endpoints of frontends-demo/desk return.

import type { FileData } from "../protocol";

export interface Document {
  id: string;
  name: string;
  kind: "text" | "picture";
  size: number;
  words: number | null;
  width: number | null;
  height: number | null;
  excerpt: string;
}

export interface Passage {
  document: string;
  text: string;
  score: number;
}

export interface Poster {
  picture: FileData | null;
  palette: string[];
}

/** Two values of /poster, or the pair as one. */
export function poster(values: unknown[] | null): Poster {
  const first = values?.[0];
  const [picture, palette] = Array.isArray(first) ? (first as unknown[]) : (values ?? []);
  return {
    picture: (picture as FileData | null | undefined) ?? null,
    palette: Array.isArray(palette) ? (palette as string[]) : [],
  };
}
