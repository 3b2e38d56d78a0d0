const WORD = /[\p{L}\p{N}]+/gu;

const TELLING = 4; // letters from which a word says what a question is about

/** A text in pieces, and of each piece whether it is a telling word of the question. */
export function marked(text: string, question: string): [string, boolean][] {
  const words = (question.match(WORD) ?? []).map((word) => word.toLowerCase());
  const telling = words.filter((word) => word.length >= TELLING);
  const asked = new Set(telling.length > 0 ? telling : words);
  const pieces: [string, boolean][] = [];
  let end = 0;
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (!asked.has(word.toLowerCase())) continue;
    if (index > end) pieces.push([text.slice(end, index), false]);
    pieces.push([word, true]);
    end = index + word.length;
  }
  return end < text.length ? [...pieces, [text.slice(end), false]] : pieces;
}
