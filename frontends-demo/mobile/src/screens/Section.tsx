import type { ReactNode } from "react";
import { View } from "react-native";
import { usePalette } from "../ui/theme";
import { Title, Words } from "../ui/Words";
import type { Place } from "./TabBar";

export interface Placed {
  /** Told where the section begins, in points from the top of the page. */
  onTop: (top: number) => void;
}

interface SectionProps extends Placed {
  name: Place;
  about: string;
  aside: ReactNode;
  children: ReactNode;
}

export function Section({ name, about, aside, children, onTop }: SectionProps) {
  const { line } = usePalette();
  const first = name === "Shelf";
  return (
    <View
      role="region"
      aria-label={name}
      onLayout={({ nativeEvent }) => onTop(nativeEvent.layout.y)}
      style={{
        paddingTop: first ? 20 : 32, paddingBottom: 32, gap: 16,
        borderTopWidth: first ? 0 : 1, borderTopColor: `${line}55`,
      }}
    >
      <View style={{ gap: 4 }}>
        <View style={{
          flexDirection: "row", flexWrap: "wrap", justifyContent: "space-between",
          alignItems: "center", columnGap: 12,
        }}>
          <Title level={2}>{name}</Title>
          {aside}
        </View>
        <Words faint small>{about}</Words>
      </View>
      {children}
    </View>
  );
}
