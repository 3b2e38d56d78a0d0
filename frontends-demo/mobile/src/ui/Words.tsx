import type { ReactNode } from "react";
import { Text } from "react-native";
import type { TextStyle } from "react-native";
import { serif, size, usePalette } from "./theme";

export function Title({ level, children }: { level: 1 | 2; children: string }) {
  const { ink } = usePalette();
  const style: TextStyle = {
    color: ink,
    fontFamily: serif,
    fontSize: size(level === 1 ? 28 : 24),
    fontWeight: level === 1 ? "700" : "600",
    letterSpacing: -0.3,
    margin: 0,
  };
  return <Text role="heading" aria-level={level} style={style}>{children}</Text>;
}

interface WordsProps {
  children: ReactNode;
  faint?: boolean;
  small?: boolean;
  strong?: boolean;
  alarm?: boolean;
  lines?: number;
  style?: TextStyle;
}

export function Words({ children, faint, small, strong, alarm, lines, style }: WordsProps) {
  const palette = usePalette();
  const own: TextStyle = {
    color: alarm ? palette.alarm : faint ? palette.faint : palette.ink,
    fontSize: size(small ? 14 : 16),
    lineHeight: size(small ? 20 : 24),
    fontWeight: strong ? "600" : "400",
  };
  return <Text numberOfLines={lines} style={[own, style]}>{children}</Text>;
}
