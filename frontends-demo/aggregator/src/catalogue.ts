// One catalogue of the endpoints of all backends, from their /config and /info. Sans I/O.

/** Of /info (DISC-018, DISC-019), as far as it is used. */
export interface Parameter {
  parameter_name: string;
  parameter_has_default: boolean;
  parameter_default: unknown;
  type: unknown;
  python_type?: { type?: string };
}
export interface Endpoint {
  parameters: Parameter[];
  returns: { type: unknown; python_type?: { type?: string } }[];
  description?: string;
}
/** Of /config (DISC-006), as far as it is used. */
export interface Config {
  protocol?: string;
  version?: string;
  title?: string;
  api_prefix?: string;
  app_id?: unknown;
  username?: string | null;
  max_file_size?: number | null;
  dependencies: { id: number; api_name: string | null; api_visibility?: string }[];
}
export interface Description {
  key: string;
  config: Pick<Config, "dependencies">;
  /** The named endpoints of /info. */
  endpoints: Record<string, Endpoint>;
}

/** A signature, and the backends that have it. */
export interface Variant {
  signature: string;
  backends: string[];
}
export interface Entry {
  name: string;
  description: string;
  backends: string[];
  /** More than one where they differ; the commonest first. */
  variants: Variant[];
  /** How each other variant differs from the first, in words. */
  differences: string[];
}

/** What /info lists and /config does not mark private (CLIENT-034). */
export function endpoints({ config, endpoints }: Omit<Description, "key">): Map<string, Endpoint> {
  const hidden = new Set(
    config.dependencies.filter((one) => one.api_visibility === "private").map((one) => one.api_name),
  );
  const known = new Set(config.dependencies.map((one) => one.api_name));
  const named = Object.entries(endpoints).map(
    ([path, endpoint]) => [path.replace(/^\//, ""), endpoint] as const,
  );
  return new Map(named.filter(([name]) => known.has(name) && !hidden.has(name)));
}

export function merge(descriptions: readonly Description[]): Entry[] {
  const found = new Map<string, { key: string; endpoint: Endpoint }[]>();
  for (const description of descriptions)
    for (const [name, endpoint] of endpoints(description))
      found.set(name, [...(found.get(name) ?? []), { key: description.key, endpoint }]);
  return [...found].map(([name, offers]) => entry(name, offers)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function entry(name: string, offers: { key: string; endpoint: Endpoint }[]): Entry {
  const groups = new Map<string, typeof offers>();
  for (const offer of offers) {
    const shape = canonical(shapeOf(offer.endpoint));
    groups.set(shape, [...(groups.get(shape) ?? []), offer]);
  }
  const sorted = [...groups.values()].sort((a, b) => b.length - a.length);
  const first = sorted[0]?.[0]?.endpoint;
  return {
    name,
    description: offers.find(({ endpoint }) => endpoint.description)?.endpoint.description ?? "",
    backends: offers.map(({ key }) => key),
    variants: sorted.map((group) => ({
      signature: group[0] ? signature(name, group[0].endpoint) : name,
      backends: group.map(({ key }) => key),
    })),
    differences: sorted.slice(1).flatMap(([other]) => (first && other ? differences(first, other.endpoint) : [])),
  };
}

/** As a person reads it: `write_on(document: str, words: int = 60) → str`. */
export function signature(name: string, endpoint: Endpoint): string {
  const parameters = endpoint.parameters.map((one) => {
    const given = one.parameter_has_default ? ` = ${JSON.stringify(one.parameter_default)}` : "";
    return `${one.parameter_name}: ${typeName(one)}${given}`;
  });
  const returns = endpoint.returns.map(typeName).join(", ");
  return `${name}(${parameters.join(", ")})${returns && ` → ${returns}`}`;
}

/** Short: of an object no more than that it is one. */
function typeName({ python_type, type }: { type: unknown; python_type?: { type?: string } }): string {
  return python_type?.type?.replace(/\(.*\)/s, "") ?? JSON.stringify(type);
}

/** Whatever a caller can notice of an endpoint; neither labels nor examples. */
function shapeOf(endpoint: Endpoint): unknown {
  return {
    parameters: endpoint.parameters.map((one) => [
      one.parameter_name,
      one.type,
      one.parameter_has_default ? [one.parameter_default] : [],
    ]),
    returns: endpoint.returns.map(({ type }) => type),
  };
}

function differences(one: Endpoint, other: Endpoint): string[] {
  const [mine, theirs] = [one, other].map(
    ({ parameters }) => new Map(parameters.map((parameter) => [parameter.parameter_name, parameter])),
  ) as [Map<string, Parameter>, Map<string, Parameter>];
  const found: string[] = [];
  for (const name of new Set([...mine.keys(), ...theirs.keys()])) {
    const [a, b] = [mine.get(name), theirs.get(name)];
    if (!a || !b) found.push(`${name}: ${a ? "missing there" : "only there"}`);
    else if (canonical(a.type) !== canonical(b.type)) found.push(`${name}: ${typeName(b)} instead of ${typeName(a)}`);
    else if (given(a) !== given(b)) found.push(`${name}: ${given(b)} instead of ${given(a)}`);
  }
  const order = ({ parameters }: Endpoint) => parameters.map((parameter) => parameter.parameter_name).join(", ");
  if (found.length === 0 && order(one) !== order(other)) found.push(`order: ${order(other)}`);
  if (canonical(one.returns.map(({ type }) => type)) !== canonical(other.returns.map(({ type }) => type)))
    found.push(`returns ${other.returns.map(typeName).join(", ") || "nothing"}`);
  return found;
}

function given(parameter: Parameter): string {
  return parameter.parameter_has_default ? `default ${canonical(parameter.parameter_default)}` : "no default";
}

/** Equal texts for equal schemas: members in order, and the alternatives of a choice too. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const members = Object.entries(value).map(([name, member]) => {
    const unordered = ["oneOf", "anyOf", "enum", "required"].includes(name) && Array.isArray(member);
    const text = unordered ? `[${member.map(canonical).sort().join(",")}]` : canonical(member);
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{${members.sort().join(",")}}`;
}

/** Every argument has a parameter, and every parameter a value (CLIENT-027). */
export function fits(endpoint: Endpoint, names: readonly string[]): boolean {
  const known = endpoint.parameters.map(({ parameter_name }) => parameter_name);
  const needed = endpoint.parameters.filter((one) => !one.parameter_has_default);
  return (
    names.every((name) => known.includes(name)) && needed.every((one) => names.includes(one.parameter_name))
  );
}
