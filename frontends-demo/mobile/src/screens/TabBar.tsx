import { Pressable, Text, View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";
import { MEASURE, size, usePalette } from "../ui/theme";
import { Glyph } from "./Glyph";

export type Place = "Shelf" | "Write on" | "Search" | "Poster";

interface TabBarProps {
  order: Place[];
  here: Place;
  onGo: (place: Place) => void;
}

/** Leads to the parts of the page, and shows which one is being looked at. */
export function TabBar({ order, here, onGo }: TabBarProps) {
  const { bottom } = useSafeAreaInsets();
  const { sheet, line } = usePalette();
  return (
    <View style={{
      backgroundColor: sheet, paddingBottom: bottom, borderTopWidth: 1, borderTopColor: `${line}55`,
    }}>
      <View
        role="navigation"
        aria-label="Parts"
        style={{ flexDirection: "row", width: "100%", maxWidth: MEASURE, alignSelf: "center" }}
      >
        {order.map((place) => (
          <Tab key={place} place={place} here={place === here} onGo={onGo} />
        ))}
      </View>
    </View>
  );
}

// For browsers; React Native's types do not know it, and phones leave it alone.
const CURRENT = { "aria-current": "true" } as object;

interface TabProps {
  place: Place;
  here: boolean;
  onGo: (place: Place) => void;
}

function Tab({ place, here, onGo }: TabProps) {
  const { accent, faint } = usePalette();
  const colour = here ? accent : faint;
  return (
    <Pressable
      role="link"
      aria-label={place}
      accessibilityState={{ selected: here }}
      {...(here ? CURRENT : null)}
      onPress={() => onGo(place)}
      style={({ pressed }) => ({
        flex: 1, minHeight: 56, alignItems: "center", justifyContent: "center", gap: 4,
        opacity: pressed ? 0.6 : 1, borderTopWidth: 3, borderTopColor: here ? accent : "transparent",
      })}
    >
      <Glyph place={place} colour={colour} />
      <Text
        aria-hidden
        maxFontSizeMultiplier={1.5}
        style={{ color: colour, fontSize: size(12), fontWeight: here ? "700" : "500" }}
      >
        {place}
      </Text>
    </Pressable>
  );
}
