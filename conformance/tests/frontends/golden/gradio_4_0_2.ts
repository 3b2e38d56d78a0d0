// The endpoints of gradio_4_0_2.json, by: gradio-protocol types --lang ts
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

/** The endpoints by name: what each takes, by name and by place, and gives. */
export interface Endpoints {
  "/echo": {
    /** The app does not name them all: they can only be given by place. */
    parameters: never;
    arguments: [parameter_1: string];
    /** 1. out · Textbox */
    returns: [string];
  };
  "/gen": {
    /** The app does not name them all: they can only be given by place. */
    parameters: never;
    arguments: [parameter_1: string];
    /** 1. out · Textbox */
    returns: [string];
  };
  "/gjson": {
    /** The app does not name them all: they can only be given by place. */
    parameters: never;
    arguments: [parameter_1: string];
    /** 1. j · Json · any valid json */
    returns: [unknown];
  };
  "/gnest": {
    /** The app does not name them all: they can only be given by place. */
    parameters: never;
    arguments: [parameter_1: string];
    /** 1. j · Json · any valid json */
    returns: [unknown];
  };
  "/gerr": {
    /** The app does not name them all: they can only be given by place. */
    parameters: never;
    arguments: [parameter_1: string];
    /** 1. out · Textbox */
    returns: [string];
  };
  "/err": {
    /** The app does not name them all: they can only be given by place. */
    parameters: never;
    arguments: [parameter_1: string];
    /** 1. out · Textbox */
    returns: [string];
  };
  "/exc": {
    /** The app does not name them all: they can only be given by place. */
    parameters: never;
    arguments: [parameter_1: string];
    /** 1. out · Textbox */
    returns: [string];
  };
  "/prog": {
    /** The app does not name them all: they can only be given by place. */
    parameters: never;
    arguments: [parameter_1: string];
    /** 1. out · Textbox */
    returns: [string];
  };
  "/logs": {
    /** The app does not name them all: they can only be given by place. */
    parameters: never;
    arguments: [parameter_1: string];
    /** 1. out · Textbox */
    returns: [string];
  };
  "/slow": {
    /** The app does not name them all: they can only be given by place. */
    parameters: never;
    arguments: [parameter_1: string];
    /** 1. out · Textbox */
    returns: [string];
  };
  "/fecho": {
    /** The app does not name them all: they can only be given by place. */
    parameters: never;
    arguments: [parameter_1: FileData];
    /** 1. g · File */
    returns: [FileData];
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
