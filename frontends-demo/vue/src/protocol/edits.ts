import type { Edit } from "./messages";

type Holder = Record<string | number, unknown>;

/** The value after the edits, section 10.3; the one before is left as it was. */
export function edited(value: unknown, edits: Edit[]): unknown {
  const box: Holder = { root: structuredClone(value) };
  for (const [operation, path, item] of edits) {
    const steps = ["root", ...path];
    const key = steps.pop()!;
    const holder = steps.reduce<unknown>((node, step) => (node as Holder)[step], box) as Holder;
    if (operation === "replace") holder[key] = item;
    else if (operation === "append") holder[key] = String(holder[key]) + String(item);
    else if (operation === "add") add(holder, key, item);
    else if (operation === "delete") remove(holder, key);
    else throw new Error(`Unknown edit: ${String(operation)}`);
  }
  return box.root;
}

function add(holder: Holder, key: string | number, item: unknown): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 0, item);
  else holder[key] = item;
}

function remove(holder: Holder, key: string | number): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}
