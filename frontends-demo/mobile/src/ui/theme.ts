import { Platform, useColorScheme } from "react-native";

export interface Palette {
  paper: string;
  sheet: string;
  ink: string;
  faint: string;
  line: string;
  accent: string;
  onAccent: string;
  wash: string;
  alarm: string;
  alarmWash: string;
  good: string;
}

// Text on paper and on sheet has a contrast of at least 4.5:1 in both.
const LIGHT: Palette = {
  paper: "#f6f2ea",
  sheet: "#fffdf8",
  ink: "#201d18",
  faint: "#625b4f",
  line: "#8d8577",
  accent: "#0b6b57",
  onAccent: "#ffffff",
  wash: "#e3ece4",
  alarm: "#9c2a1c",
  alarmWash: "#fae7e0",
  good: "#0b6b57",
};

const DARK: Palette = {
  paper: "#171512",
  sheet: "#221f1b",
  ink: "#f0eadf",
  faint: "#b3a999",
  line: "#7d7466",
  accent: "#86d3bd",
  onAccent: "#0c2a22",
  wash: "#24322c",
  alarm: "#ffab99",
  alarmWash: "#3b221c",
  good: "#86d3bd",
};

export function usePalette(): Palette {
  return useColorScheme() === "dark" ? DARK : LIGHT;
}

/**
 * A size of text. Phones scale it by Dynamic Type or the font size of Android by themselves; a
 * browser does so for rem only, which React Native's types do not know.
 */
export function size(points: number): number {
  return Platform.OS === "web" ? (`${points / 16}rem` as unknown as number) : points;
}

export const TOUCH = 48; // points, at least, for whatever is touched
export const GAP = 12;
export const MARGIN = 20;
export const ROUND = 10;
export const MEASURE = 680; // points that a column of text is wide at most

const SERIF = '"Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, serif';
export const serif = Platform.select({ ios: "Georgia", android: "serif", default: SERIF });
export const mono = Platform.select({
  ios: "Menlo", android: "monospace", default: "ui-monospace, Menlo, Consolas, monospace",
});
