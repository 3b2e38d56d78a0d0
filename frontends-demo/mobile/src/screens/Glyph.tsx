// Four small drawings, made of boxes: no font and no picture has to be loaded for them.

import { View } from "react-native";
import type { Place } from "./TabBar";

export function Glyph({ place, colour }: { place: Place; colour: string }) {
  const Drawing = DRAWINGS[place];
  return (
    <View aria-hidden style={{ width: 22, height: 18 }}>
      <Drawing colour={colour} />
    </View>
  );
}

interface Ink {
  colour: string;
}

function Shelf({ colour }: Ink) {
  const book = { width: 4, backgroundColor: colour, borderRadius: 1 };
  return (
    <View style={{ flex: 1, borderBottomWidth: 2, borderBottomColor: colour, flexDirection: "row", alignItems: "flex-end", gap: 2, paddingLeft: 1 }}>
      <View style={[book, { height: 13 }]} />
      <View style={[book, { height: 15 }]} />
      <View style={[book, { height: 11 }]} />
      <View style={[book, { height: 14, transform: [{ rotate: "-12deg" }], marginLeft: 1 }]} />
    </View>
  );
}

function Lines({ colour }: Ink) {
  const line = { height: 2, backgroundColor: colour, borderRadius: 1 };
  return (
    <View style={{ flex: 1, justifyContent: "center", gap: 3 }}>
      <View style={[line, { width: 20 }]} />
      <View style={[line, { width: 20 }]} />
      <View style={{ flexDirection: "row", gap: 2, alignItems: "center" }}>
        <View style={[line, { width: 11 }]} />
        <View style={{ width: 2, height: 7, backgroundColor: colour }} />
      </View>
    </View>
  );
}

function Glass({ colour }: Ink) {
  return (
    <View style={{ flex: 1, paddingLeft: 3 }}>
      <View style={{ width: 13, height: 13, borderRadius: 7, borderWidth: 2, borderColor: colour }} />
      <View style={{ position: "absolute", left: 13, top: 13, width: 7, height: 2.5, borderRadius: 1, backgroundColor: colour, transform: [{ rotate: "45deg" }] }} />
    </View>
  );
}

function Dots({ colour }: Ink) {
  return (
    <View style={{ flex: 1, alignItems: "center" }}>
      <View style={{ width: 18, height: 18, borderWidth: 2, borderColor: colour, borderRadius: 2, flexDirection: "row", flexWrap: "wrap", justifyContent: "space-evenly", alignContent: "space-evenly" }}>
        {[5, 4, 3, 4, 3, 2, 3, 2, 1].map((dot, i) => (
          <View key={i} style={{ width: 4, height: 4, alignItems: "center", justifyContent: "center" }}>
            <View style={{ width: dot, height: dot, borderRadius: 3, backgroundColor: colour }} />
          </View>
        ))}
      </View>
    </View>
  );
}

const DRAWINGS = { Shelf, "Write on": Lines, Search: Glass, Poster: Dots } as const;
