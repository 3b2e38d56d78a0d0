const WORD = /[\p{L}\p{N}]+/gu;
const TELLING = 4; // letters from which a word says what a question is about

export interface Piece {
  text: string;
  found: boolean;
}

/** A text in pieces, and of each piece whether it is a telling word of the question. */
export function marked(text: string, question: string): Piece[] {
  const words = (question.match(WORD) ?? []).map((word) => word.toLowerCase());
  const telling = words.filter((word) => word.length >= TELLING);
  const asked = new Set(telling.length > 0 ? telling : words);
  const pieces: Piece[] = [];
  let end = 0;
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (!asked.has(word.toLowerCase())) continue;
    if (index > end) pieces.push({ text: text.slice(end, index), found: false });
    pieces.push({ text: word, found: true });
    end = index + word.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), found: false });
  return pieces;
}
