// Edits of streamed values: DIFF-002 to DIFF-016, section 10.3 of protocol.md. What was shown
// before is left as it was: every edit makes new containers along its path, and shares the rest.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Step = string | number;
export type Edit = [op: string, path: Step[], value: Json];

/** `value` after `edits`, one after another; throws a `RangeError` if one does not fit. */
export function applyEdits(value: Json, edits: Edit[]): Json {
  return edits.reduce((root, [op, path, item]) => edit(root, op, path, item), value);
}

function edit(value: Json, op: string, path: Step[], item: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return change(value, op, item);
  if (Array.isArray(value)) return inArray(value, op, step, rest, item);
  if (value === null || typeof value !== "object") throw misfit(op, step);
  return inObject(value, op, step, rest, item);
}

function change(value: Json, op: string, item: Json): Json {
  if (op === "replace") return item;
  if (op === "append" && typeof value === "string" && typeof item === "string") return value + item;
  throw misfit(op, "");
}

function inArray(array: Json[], op: string, step: Step, rest: Step[], item: Json): Json[] {
  const last = rest.length === 0;
  const most = last && op === "add" ? array.length : array.length - 1;
  if (typeof step !== "number" || !Number.isInteger(step) || step < 0 || step > most) {
    throw misfit(op, step);
  }
  const copy = [...array];
  if (last && op === "add") copy.splice(step, 0, item);
  else if (last && op === "delete") copy.splice(step, 1);
  else copy[step] = edit(array[step] as Json, op, rest, item);
  return copy;
}

function inObject(
  object: { [key: string]: Json }, op: string, step: Step, rest: Step[], item: Json,
): Json {
  const key = String(step);
  // A computed key defines a member whatever its name is, "__proto__" too.
  if (rest.length === 0 && op === "add") return { ...object, [key]: item };
  if (!Object.prototype.hasOwnProperty.call(object, key)) throw misfit(op, step);
  if (rest.length === 0 && op === "delete") {
    const { [key]: _gone, ...others } = object;
    return others;
  }
  return { ...object, [key]: edit(object[key] as Json, op, rest, item) };
}

function misfit(op: string, step: Step): RangeError {
  return new RangeError(`the edit ${op} at ${JSON.stringify(step)} does not fit its value`);
}
