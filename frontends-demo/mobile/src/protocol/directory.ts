// What a server offers, from /config and /info, and never by trying (CLIENT-024).

import { Refused, parsed } from "./failures";
import type { Json } from "./edits";
import { Unreachable } from "./transport";
import type { Reply, Transport } from "./transport";

interface Parameter {
  name: string;
  fallback: Json | undefined; // undefined: none is declared
}

export interface Endpoint {
  fnIndex: number;
  parameters: Parameter[] | null;
}

export interface Directory {
  /** Where the routes of the protocol are: below the prefix that /config names (CLIENT-001). */
  api: string;
  appId: string;
  user: string | null;
  version: string;
  heartbeat: boolean;
  largestFile: number | null;
  endpoints: Map<string, Endpoint>;
}

interface Config {
  api_prefix?: string;
  app_id?: string | number;
  username?: string | null;
  version?: string;
  connect_heartbeat?: boolean;
  max_file_size?: number | null;
  dependencies: { id: number; api_name?: string | null | false; api_visibility?: string }[];
}

interface Info {
  named_endpoints?: Record<string, { parameters?: InfoParameter[] }>;
}

interface InfoParameter {
  parameter_name?: string | null;
  parameter_has_default?: boolean;
  parameter_default?: Json;
}

/** Reads /config and /info of the server at `base`; throws `Refused` or `Unreachable`. */
export async function directory(transport: Transport, base: string): Promise<Directory> {
  const config = parsed(await get(transport, `${base}/config`)) as Config;
  if (!Array.isArray(config.dependencies)) throw unknownServer(base);
  const api = base + (config.api_prefix ?? "");
  const info = parsed(await get(transport, `${api}/info`)) as Info;
  const endpoints = new Map<string, Endpoint>();
  for (const { id, api_name, api_visibility } of config.dependencies) {
    // CLIENT-002, CLIENT-034
    if (typeof api_name !== "string" || api_visibility === "private") continue;
    const listed = info.named_endpoints?.[`/${api_name}`]?.parameters;
    endpoints.set(`/${api_name}`, { fnIndex: id, parameters: listed?.map(parameter) ?? null });
  }
  return {
    api,
    endpoints,
    appId: String(config.app_id ?? ""),
    user: config.username ?? null,
    version: config.version ?? "",
    heartbeat: config.connect_heartbeat ?? false,
    largestFile: config.max_file_size ?? null,
  };
}

/** The array `data` of a join: arguments by name, defaults where none was given (CLIENT-027). */
export function positional(endpoint: Endpoint, given: Record<string, Json> | Json[]): Json[] {
  const parameters = endpoint.parameters ?? [];
  if (Array.isArray(given)) {
    const rest = parameters.slice(given.length).map(({ fallback }) => fallback);
    const known = rest.findIndex((fallback) => fallback === undefined);
    return [...given, ...(rest.slice(0, known < 0 ? rest.length : known) as Json[])];
  }
  const names = new Set(parameters.map(({ name }) => name));
  for (const name of Object.keys(given)) {
    if (!names.has(name)) throw new RangeError(`the endpoint has no parameter ${name}`);
  }
  return parameters.map(({ name, fallback }) => {
    const value = name in given ? given[name] : fallback;
    if (value === undefined) throw new RangeError(`the parameter ${name} is missing`);
    return value;
  });
}

function parameter(listed: InfoParameter): Parameter {
  const fallback = listed.parameter_has_default ? (listed.parameter_default ?? null) : undefined;
  return { name: listed.parameter_name ?? "", fallback };
}

async function get(transport: Transport, url: string): Promise<Reply> {
  return withDeadline((signal) => transport.send({ method: "GET", url, signal }));
}

function unknownServer(base: string): Refused {
  const message = `${base} is no server of this protocol.`;
  return new Refused(200, { title: "Not understood", message, again: false });
}

const PATIENCE = 30_000; // ms for an answer that needs no work

/** Gives up after a while: a network that swallows requests must not look like a slow server. */
export async function withDeadline<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), PATIENCE);
  try {
    return await ask(late.signal);
  } catch (error) {
    if (late.signal.aborted) throw new Unreachable("There was no answer in 30 seconds.");
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
