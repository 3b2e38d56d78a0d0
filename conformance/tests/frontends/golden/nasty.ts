// The endpoints of nasty.json, by: gradio-protocol types --lang ts
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

export interface ABResult1 {
  "with-dash": string;
  list: string[];
}

export interface Message {
  text: string;
}

export interface Message2 {
  text: number;
}

export interface Tree {
  value: number;
  children?: Tree[];
}

export type Json = string | Json[] | { [name: string]: Json };

export type Loop = null;

export interface UnionsE {
  x: string;
  y: string;
}

export interface FileDataResult1 {
  files: FileData[];
}

/** The endpoints by name: what each takes, by name and by place, and gives. */
export interface Endpoints {
  /** *\/ """ \ */
  "/class": {
    parameters: {
      /** l */
      self: string;
      /** l */
      class: number;
      /** l */
      cast: boolean;
    };
    arguments: [self: string, class_: number, cast: boolean];
    /** 1. l */
    returns: [string];
  };
  "/a-b": {
    parameters: {
      /** l */
      "a-b": string;
      /** l */
      a_b: string;
      /** l */
      "a b": string;
    };
    arguments: [a_b: string, a_b_2: string, a_b_3: string];
    returns: [];
  };
  "/a b": {
    /** The app does not name them all: they can only be given by place. */
    parameters: never;
    arguments: [x: string, parameter_2: number];
    /** 1. l */
    returns: [ABResult1];
  };
  "/": {
    /** The app does not name them all: they can only be given by place. */
    parameters: never;
    arguments: [parameter_1: string];
    /** 1. l */
    returns: [unknown];
  };
  "/über": {
    parameters: {
      /** l */
      "größe": number;
      /** l */
      "ﬁle": number;
      /** l */
      "日本": number;
      /** l */
      "1st": number;
      /** l */
      __init__: number;
    };
    arguments: [parameter_1: number, file: number, parameter_3: number, parameter_1st: number, init: number];
    /**
     * 1. l
     * 2. l
     */
    returns: [number, null];
  };
  "/list": {
    parameters: { [name: string]: never };
    arguments: [];
    /** 1. l */
    returns: [string[]];
  };
  "/submit_list": {
    parameters: { [name: string]: never };
    arguments: [];
    /** 1. l */
    returns: [unknown[]];
  };
  "/str": {
    parameters: {
      /**
       * l
       * Default: "x"
       */
      str?: string;
      /** l */
      after: string;
    };
    arguments: [str: string, after: string];
    /** 1. l */
    returns: [string];
  };
  "/Message": {
    parameters: {
      /** l */
      message: Message;
    };
    arguments: [message: Message];
    /**
     * 1. l
     * 2. l
     */
    returns: [Message2, Message];
  };
  "/tree": {
    parameters: {
      /** l */
      tree: Tree;
    };
    arguments: [tree: Tree];
    /**
     * 1. l
     * 2. l
     * 3. l
     * 4. l
     */
    returns: [Json, Loop, unknown, never];
  };
  "/defaults": {
    parameters: {
      /** l */
      a?: string | null;
      /**
       * l
       * Default: 1
       */
      b?: number;
      /**
       * l
       * Default: "no integer"
       */
      c?: number;
      /**
       * l
       * Default: [1, {"x": null}]
       */
      d?: unknown[];
      /**
       * l
       * Default: "a"
       */
      e?: "a" | null | 1 | true | 1.5;
      /**
       * l
       * Default: "\"\\\n\u2028*\/"
       */
      f?: string;
      /**
       * l
       * Default: {"k": [true]}
       */
      g?: unknown;
    };
    arguments: [a: string | null, b: number, c: number, d: unknown[], e: "a" | null | 1 | true | 1.5, f: string, g: unknown];
    /** 1. l */
    returns: ["\"\\\n" | "*/"];
  };
  "/unions": {
    parameters: {
      /** l */
      a: string | null;
      /** l */
      b: number | null;
      /** l */
      c: (1 | true)[];
      /** l */
      d: [string, number];
      /** l */
      e: UnionsE;
    };
    arguments: [a: string | null, b: number | null, c: (1 | true)[], d: [string, number], e: UnionsE];
    /** 1. l */
    returns: [[string, null]];
  };
  "/FileData": {
    parameters: {
      /** l */
      f: FileData;
    };
    arguments: [f: FileData];
    /** 1. l */
    returns: [FileDataResult1];
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
