// The endpoints of components.json, by: gradio-protocol types --lang ts
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

export interface DataframeData {
  headers: unknown[];
  data: unknown[][];
  metadata?: { [name: string]: unknown[] | null } | null;
}

/**
 * A typed dictionary to represent metadata for a message in the Chatbot component. An
 * instance of this dictionary is used for the `metadata` field in a ChatMessage when
 * the chat message should be displayed as a thought.
 * Parameters:
 * title: The title of the "thought" message. Required if the message is to be displayed as a thought.
 * id: The ID of the message. Only used for nested thoughts. Nested thoughts can be nested by setting the parent_id to the id of the parent thought.
 * parent_id: The ID of the parent message. Only used for nested thoughts.
 * log: A string message to display next to the thought title in a subdued font.
 * duration: The duration of the message in seconds. Appears next to the thought title in a subdued font inside a parentheses.
 * status: if set to `"pending"`, a spinner appears next to the thought title and the accordion is initialized open. If `status` is `"done"`, the thought accordion is initialized closed. If `status` is not provided, the thought accordion is initialized open and no spinner is displayed.
 */
export interface MetadataDict {
  title?: string;
  id?: number | string;
  parent_id?: number | string;
  log?: string;
  duration?: number;
  status?: "pending" | "done";
}

export interface TextMessage {
  text: string;
  type?: "text";
}

export interface FileMessage {
  file: FileData;
  alt_text?: string | null;
  type?: "file";
}

export interface ComponentMessage {
  component: string;
  value: unknown;
  constructor_args: { [name: string]: unknown };
  props: { [name: string]: unknown };
  type?: "component";
}

/**
 * A typed dictionary to represent an option in a ChatMessage. A list of these
 * dictionaries is used for the `options` field in a ChatMessage.
 * Parameters:
 * value: The value to return when the option is selected.
 * label: The text to display in the option, if different from the value.
 */
export interface OptionDict {
  value: string;
  label?: string;
}

export interface Message {
  role: string;
  metadata?: MetadataDict | null;
  content: (TextMessage | FileMessage | ComponentMessage)[];
  options?: OptionDict[] | null;
}

export interface LabelConfidence {
  label?: string | number | null;
  confidence?: number | null;
}

export interface LabelData {
  label?: string | number | null;
  confidences?: LabelConfidence[] | null;
}

export interface GalleryImage {
  image: FileData;
  caption?: string | null;
}

export interface GalleryVideo {
  video: FileData;
  caption?: string | null;
}

export interface PlotData {
  type: "altair" | "bokeh" | "plotly" | "matplotlib";
  plot: string;
}

export interface HighlightedToken {
  token: string;
  class_or_confidence?: string | number | null;
}

export interface MultimodalData {
  text: string;
  files?: FileData[];
}

export interface EditorData {
  background?: FileData | null;
  layers?: FileData[];
  composite?: FileData | null;
  id?: string | null;
}

export interface DialogueLine {
  speaker: string;
  text: string;
}

/** The endpoints by name: what each takes, by name and by place, and gives. */
export interface Endpoints {
  "/textbox": {
    parameters: {
      /** Textbox */
      x: string;
    };
    arguments: [x: string];
    /** 1. Textbox */
    returns: [string];
  };
  "/number": {
    parameters: {
      /** Number */
      x: number;
    };
    arguments: [x: number];
    /** 1. Number */
    returns: [number];
  };
  "/slider": {
    parameters: {
      /**
       * Slider
       * numeric value between 0 and 100
       * Default: 0
       */
      x?: number;
    };
    arguments: [x: number];
    /** 1. Slider · numeric value between 0 and 100 */
    returns: [number];
  };
  "/checkboxgroup": {
    parameters: {
      /**
       * Checkboxgroup
       * Default: []
       */
      x?: ("a" | "b")[];
    };
    arguments: [x: ("a" | "b")[]];
    /** 1. Checkboxgroup */
    returns: [("a" | "b")[]];
  };
  "/dropdown": {
    parameters: {
      /**
       * Dropdown
       * Default: "a"
       */
      x?: "a" | "b";
    };
    arguments: [x: "a" | "b"];
    /** 1. Dropdown */
    returns: ["a" | "b"];
  };
  "/image": {
    parameters: {
      /**
       * Image
       * A local filepath or publicly available URL.
       */
      x: FileData;
    };
    arguments: [x: FileData];
    /** 1. Image */
    returns: [FileData];
  };
  "/audio": {
    parameters: {
      /**
       * Audio
       * The FileData class is a subclass of the GradioModel class that represents a file object within a Gradio interface. It is used to store file data and metadata when a file is uploaded.
       * Attributes:
       * path: The server file path where the file is stored.
       * url: The normalized server URL pointing to the file.
       * size: The size of the file in bytes.
       * orig_name: The original filename before upload.
       * mime_type: The MIME type of the file.
       * is_stream: Indicates whether the file is a stream.
       * meta: Additional metadata used internally (should not be changed).
       */
      x: FileData;
    };
    arguments: [x: FileData];
    /** 1. Audio */
    returns: [FileData];
  };
  "/video": {
    parameters: {
      /**
       * Video
       * The FileData class is a subclass of the GradioModel class that represents a file object within a Gradio interface. It is used to store file data and metadata when a file is uploaded.
       * Attributes:
       * path: The server file path where the file is stored.
       * url: The normalized server URL pointing to the file.
       * size: The size of the file in bytes.
       * orig_name: The original filename before upload.
       * mime_type: The MIME type of the file.
       * is_stream: Indicates whether the file is a stream.
       * meta: Additional metadata used internally (should not be changed).
       */
      x: FileData;
    };
    arguments: [x: FileData];
    /** 1. Video */
    returns: [FileData];
  };
  "/dataframe": {
    parameters: {
      /**
       * Dataframe
       * Default: {"headers": ["1", "2", "3"], "data": [], "metadata": null}
       */
      x?: DataframeData;
    };
    arguments: [x: DataframeData];
    /** 1. Dataframe */
    returns: [DataframeData];
  };
  "/chatbot": {
    parameters: {
      /**
       * Chatbot
       * Default: []
       */
      x?: Message[];
    };
    arguments: [x: Message[]];
    /** 1. Chatbot */
    returns: [Message[]];
  };
  "/label": {
    parameters: {
      /**
       * Label
       * Default: {}
       */
      x?: LabelData;
    };
    arguments: [x: LabelData];
    /** 1. Label */
    returns: [LabelData];
  };
  "/gallery": {
    parameters: {
      /**
       * Gallery
       * Default: []
       */
      x?: (GalleryImage | GalleryVideo)[];
    };
    arguments: [x: (GalleryImage | GalleryVideo)[]];
    /** 1. Gallery */
    returns: [(GalleryImage | GalleryVideo)[]];
  };
  "/json": {
    parameters: {
      /**
       * Json
       * any valid json
       */
      x: unknown;
    };
    arguments: [x: unknown];
    /** 1. Json · any valid json */
    returns: [unknown];
  };
  "/plot": {
    parameters: {
      /** Plot */
      x: PlotData;
    };
    arguments: [x: PlotData];
    /** 1. Plot */
    returns: [PlotData];
  };
  "/highlightedtext": {
    parameters: {
      /** Highlightedtext */
      x: HighlightedToken[];
    };
    arguments: [x: HighlightedToken[]];
    /** 1. Highlightedtext */
    returns: [HighlightedToken[]];
  };
  "/code": {
    parameters: {
      /** Code */
      x: string;
    };
    arguments: [x: string];
    /** 1. Code */
    returns: [string];
  };
  "/multimodaltextbox": {
    parameters: {
      /**
       * Multimodaltextbox
       * Default: {"text": "", "files": []}
       */
      x?: MultimodalData;
    };
    arguments: [x: MultimodalData];
    /** 1. Multimodaltextbox */
    returns: [MultimodalData];
  };
  "/imageeditor": {
    parameters: {
      /** Imageeditor */
      x: EditorData;
    };
    arguments: [x: EditorData];
    /** 1. Imageeditor */
    returns: [EditorData];
  };
  "/imageslider": {
    parameters: {
      /** Imageslider */
      x: [FileData | null, FileData | null] | null;
    };
    arguments: [x: [FileData | null, FileData | null] | null];
    /** 1. Imageslider */
    returns: [[FileData | null, FileData | null] | null];
  };
  "/paramviewer": {
    parameters: {
      /**
       * Paramviewer
       * any valid json
       */
      x: unknown;
    };
    arguments: [x: unknown];
    /** 1. Paramviewer · any valid json */
    returns: [unknown];
  };
  "/dialogue": {
    parameters: {
      /** Dialogue · Dialogue */
      x: DialogueLine[] | string;
    };
    arguments: [x: DialogueLine[] | string];
    /** 1. Dialogue · Dialogue */
    returns: [DialogueLine[] | string];
  };
  "/files": {
    parameters: {
      /** File */
      x: FileData[];
    };
    arguments: [x: FileData[]];
    /** 1. File */
    returns: [FileData[]];
  };
  /**
   * Says "hi" *\/ \ there
   * more
   */
  "/class": {
    parameters: {
      /**
       * Slider
       * numeric value between 0 and 100
       * Default: 0
       */
      name?: number;
      /** Textbox */
      times: string;
      /**
       * Dropdown
       * Default: "a"
       */
      param_2?: "a" | "b";
    };
    arguments: [name: number, times: string, param_2: "a" | "b"];
    /**
     * 1. Textbox
     * 2. Gallery
     */
    returns: [string, (GalleryImage | GalleryVideo)[]];
  };
  "/list": {
    parameters: { [name: string]: never };
    arguments: [];
    returns: [];
  };
  "/stateful": {
    parameters: {
      /** Textbox */
      x: string;
    };
    arguments: [x: string];
    /** 1. Textbox */
    returns: [string];
  };
  "/gen": {
    parameters: {
      /** Textbox */
      x: string;
    };
    arguments: [x: string];
    /** 1. Textbox */
    returns: [string];
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
