// What the endpoints of Desk take and give.

export interface Document {
  id: string;
  name: string;
  kind: "text" | "picture";
  size: number; // bytes
  words: number | null;
  width: number | null; // pixels
  height: number | null;
  excerpt: string;
}

export interface Passage {
  document: string; // its name
  text: string;
  score: number;
}

/** A file of the server, in an output. */
export interface ServerFile {
  path: string;
  url: string | null;
  orig_name: string | null;
}

/** The picture so far, if there is one yet, and the palette as hex codes. */
export type PosterProof = [ServerFile | null, string[]];

export interface WriteOnArguments {
  document: string;
  beginning: string;
  words: number | null;
}

export interface PosterArguments {
  picture: string;
  colours: number | null;
}
