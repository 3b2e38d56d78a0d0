// What this page knows of the endpoints of Desk beyond /info, which does not tell it.

export interface Trait {
  /** Running it twice does no more than once, so that it may be moved after a loss. */
  idempotent: boolean;
  /** Seconds it takes, until some have been measured. */
  seconds: number;
}

export const TRAITS: Readonly<Record<string, Trait>> = {
  shelve: { idempotent: true, seconds: 0.2 }, // the same file under the same name is one document
  shelf: { idempotent: true, seconds: 0.1 },
  empty_shelf: { idempotent: true, seconds: 0.1 },
  write_on: { idempotent: true, seconds: 1 }, // reproducible by its seed
  search: { idempotent: true, seconds: 0.3 },
  poster: { idempotent: true, seconds: 6 },
};

/** An endpoint that nobody has vouched for is not moved. */
export const STRANGER: Trait = { idempotent: false, seconds: 2 };

/** What `shelve` returns of a document. */
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

/** What `search` returns. */
export interface Passage {
  document: string;
  text: string;
  score: number;
}

/** A file that a server has, as far as it is used. */
export interface FileData {
  path: string;
  url?: string | null;
  orig_name?: string | null;
}
