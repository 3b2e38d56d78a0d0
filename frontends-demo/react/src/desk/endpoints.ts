// The endpoints of Desk as this page calls them: the generated types, with better names, and with
// what generators yield, of which /info says nothing.

import type { EndpointName, FileData, ParametersOf, ReturnsOf } from "../endpoints";

export type { EndpointName, FileData, ParametersOf };
export type Document = ReturnsOf<"/shelve">[0];
export type Passage = ReturnsOf<"/search">[0][number];

/** The picture so far, if there is one yet, and the palette as hex codes. */
export type Proof = [FileData | null, string[]];

interface Yields {
  "/write_on": string;
  "/poster": Proof;
}

export type ResultOf<Name extends EndpointName> = Name extends keyof Yields
  ? Yields[Name]
  : ReturnsOf<Name>[0];
