import { fetch } from "expo/fetch";
import { FetchTransport, XhrTransport } from "../protocol";
import type { Fetch, Transport } from "../protocol";
import type { Settings } from "./settings";

/**
 * Streams by either; all else by XMLHttpRequest, which alone tells how far an upload is, and alone
 * takes React Native's {uri, name, type} in a form.
 */
export function transport(streaming: Settings["streaming"]): Transport {
  const xhr = new XhrTransport();
  if (streaming === "xhr") return xhr;
  const streams = new FetchTransport((url, init) => (fetch as unknown as Fetch)(url, init));
  return {
    send: (exchange) => xhr.send(exchange),
    read: (url, piece, signal) => streams.read(url, piece, signal),
  };
}
