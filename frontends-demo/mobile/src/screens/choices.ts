import type { Document } from "../desk/shapes";

export interface Option {
  value: string;
  label: string;
}

export function options(documents: Document[], kind: Document["kind"]): Option[] {
  const fit = documents.filter((document) => document.kind === kind);
  return fit.map(({ id, name }) => ({ value: id, label: name }));
}

/** What was picked, if it is still there; else the newest. */
export function chosen(from: Option[], picked: string): string {
  return from.some(({ value }) => value === picked) ? picked : (from.at(-1)?.value ?? "");
}

/** What was typed; the server tells of numbers that are too small or too large. */
export function number(typed: string, otherwise: number): number {
  const given = Number.parseInt(typed, 10);
  return Number.isNaN(given) ? otherwise : given;
}
