// The endpoints of http://127.0.0.1:7860, by: gradio-protocol types --lang ts
// Protocol sse_v3, specification 0.1.0. Made again, never edited.
/* eslint-disable */

/** A file on the wire. To send one, POST it to `upload` and put the path that comes back here. */
export interface FileData {
  path: string;
  meta: { _type: string };
  url?: string | null;
  orig_name?: string | null;
  mime_type?: string | null;
  size?: number | null;
  is_stream?: boolean;
}

export interface ShelveResult1 {
  id: string;
  name: string;
  kind: "text" | "picture";
  size: number;
  words: null | number;
  width: null | number;
  height: null | number;
  excerpt: string;
}

export interface SearchResult1Item {
  document: string;
  text: string;
  score: number;
}

/** The endpoints by name: what each takes, by name and by place, and gives. */
export interface Endpoints {
  /** Put a text (.txt, .md) or a picture (png, jpeg, webp, gif) on the shelf. */
  "/shelve": {
    parameters: {
      file: FileData;
    };
    arguments: [file: FileData];
    returns: [ShelveResult1];
  };
  /** What is on the shelf of this session. */
  "/shelf": {
    parameters: { [name: string]: never };
    arguments: [];
    returns: [ShelveResult1[]];
  };
  /** Take everything off the shelf; returns how many documents that were. */
  "/empty_shelf": {
    parameters: { [name: string]: never };
    arguments: [];
    returns: [number];
  };
  /** Go on writing as a text on the shelf would, word by word; equal for equal seeds. */
  "/write_on": {
    parameters: {
      document: string;
      /** Default: "" */
      beginning?: string;
      /** Default: 60 */
      words?: number;
      /** Default: 1 */
      seed?: number;
    };
    arguments: [document: string, beginning: string, words: number, seed: number];
    returns: [unknown];
  };
  /** The passages of all texts on the shelf that answer best (BM25), best first. */
  "/search": {
    parameters: {
      question: string;
    };
    arguments: [question: string];
    returns: [SearchResult1Item[]];
  };
  /** A picture of the shelf in few colours: first the palette, then previews, then all. */
  "/poster": {
    parameters: {
      picture: string;
      /** Default: 6 */
      colours?: number;
    };
    arguments: [picture: string, colours: number];
    returns: [unknown];
  };
}

export type EndpointName = keyof Endpoints;

/** The arguments by name: the body of `POST call/v2/NAME`, and what `@gradio/client` takes. */
export type ParametersOf<N extends EndpointName> = Endpoints[N]["parameters"];

/** The arguments by place: `data` of `POST call/NAME` and of `POST queue/join`. */
export type ArgumentsOf<N extends EndpointName> = Endpoints[N]["arguments"];

/** What comes back: `data` of a `complete` event, and of what `@gradio/client` gives. */
export type ReturnsOf<N extends EndpointName> = Endpoints[N]["returns"];

/** What `@gradio/client` uploads by itself where a file is wanted; `handle_file` gives one, too. */
export type Uploadable = Blob | { command: string };

/** The same with `Uploadable` in the place of each file. */
export type WithUploads<T> = unknown extends T
  ? T
  : T extends FileData
    ? T | Uploadable
    : T extends object
      ? { [K in keyof T]: WithUploads<T[K]> }
      : T;

/** What `predict` and `submit` of `@gradio/client` may be given. */
export type PayloadOf<N extends EndpointName> =
  | WithUploads<ParametersOf<N>>
  | WithUploads<ArgumentsOf<N>>;

/** What `submit` gives one after the other; without `events` in its options, `data` alone. */
export type TypedEvent<N extends EndpointName> =
  | { type: "data"; endpoint: string; fn_index: number; data: ReturnsOf<N> }
  | {
      type: "status";
      endpoint: string;
      fn_index: number;
      stage: "pending" | "error" | "complete" | "generating" | "streaming";
      position?: number;
      size?: number;
      eta?: number;
      message?: unknown;
    }
  | { type: "log"; endpoint: string; fn_index: number; log: string; level: string }
  | { type: "render"; endpoint: string; fn_index: number };

export interface TypedJob<N extends EndpointName> extends AsyncIterable<TypedEvent<N>> {
  cancel(): Promise<void>;
  event_id(): string;
}

/** A client that knows this app: `(await Client.connect(url)) as TypedClient`. */
export interface TypedClient {
  predict<N extends EndpointName>(
    endpoint: N,
    data: PayloadOf<N>,
  ): Promise<{ type: string; endpoint: string; fn_index: number; data: ReturnsOf<N> }>;
  submit<N extends EndpointName>(endpoint: N, data: PayloadOf<N>): TypedJob<N>;
}
