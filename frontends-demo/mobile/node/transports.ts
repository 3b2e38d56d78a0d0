// Both transports of the app in Node, each with a store of cookies, as a phone keeps one.
// Node has no EventSource, and no XMLHttpRequest either: this one, unlike later ones of its kind,
// tells of each piece of text as it comes, as the standard and React Native do.

import { FetchTransport, XhrTransport } from "../src/protocol";
import type { Transport } from "../src/protocol";

// The package has no types of its own.
const { XMLHttpRequest: Request } = require("xmlhttprequest") as {
  XMLHttpRequest: new () => XMLHttpRequest & { setDisableHeaderCheck(off: boolean): void };
};

export type Way = "xhr" | "fetch";
export const WAYS: Way[] = ["xhr", "fetch"];

export function transport(way: Way): Transport {
  const cookies = new Cookies();
  return way === "xhr" ? new XhrTransport(() => xhr(cookies)) : fetching(cookies);
}

/** Cookies of one server; what a phone keeps for each. */
class Cookies {
  private readonly kept = new Map<string, string>();

  take(lines: string[]): void {
    for (const line of lines) {
      const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
      const name = pair.slice(0, pair.indexOf("="));
      const gone = attributes.some((each) => /^max-age=0$/i.test(each));
      if (gone) this.kept.delete(name);
      else if (!attributes.some((each) => /^secure$/i.test(each))) this.kept.set(name, pair);
    }
  }

  get header(): Record<string, string> {
    return this.kept.size === 0 ? {} : { Cookie: [...this.kept.values()].join("; ") };
  }
}

function fetching(cookies: Cookies): Transport {
  return new FetchTransport(async (url, init) => {
    const headers = { ...init.headers, ...cookies.header };
    const answer = await fetch(url, { ...(init as RequestInit), headers, redirect: "manual" });
    cookies.take(answer.headers.getSetCookie());
    return answer;
  });
}

// A form is sent as the bytes that fetch would send for it.
function xhr(cookies: Cookies): XMLHttpRequest {
  const request = new Request();
  request.setDisableHeaderCheck(true);
  const send = request.send.bind(request);
  request.send = (body) => {
    for (const [name, value] of Object.entries(cookies.header)) request.setRequestHeader(name, value);
    if (!(body instanceof FormData)) return send(body);
    const form = new Response(body);
    request.setRequestHeader("Content-Type", form.headers.get("content-type") ?? "");
    void form.arrayBuffer().then((bytes) => send(Buffer.from(bytes) as unknown as string));
  };
  request.addEventListener("readystatechange", () => {
    if (request.readyState !== 2) return;
    const lines = request.getResponseHeader("set-cookie") as unknown as string[] | string | null;
    if (lines) cookies.take(Array.isArray(lines) ? lines : [lines]);
  });
  return request;
}
