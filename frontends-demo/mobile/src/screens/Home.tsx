import { useRef, useState } from "react";
import type { ReactNode } from "react";
import { KeyboardAvoidingView, Platform, ScrollView, View } from "react-native";
import type { NativeScrollEvent, NativeSyntheticEvent } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";
import { useDesk } from "../DeskContext";
import { useReducedMotion } from "../platform/motion";
import { MARGIN, MEASURE, usePalette } from "../ui/theme";
import { Alarm } from "../ui/Telling";
import { Header } from "./Header";
import { LogIn } from "./LogIn";
import { PosterTool } from "./PosterTool";
import { SearchTool } from "./SearchTool";
import { SettingsSheet } from "./SettingsSheet";
import { ShelfSection } from "./ShelfSection";
import { TabBar } from "./TabBar";
import type { Place } from "./TabBar";
import { Welcome } from "./Welcome";
import { WriteTool } from "./WriteTool";

const ORDER: Place[] = ["Shelf", "Write on", "Search", "Poster"];

const HIDDEN = 1; // points: the rule above a part, when it is led to

/** One long page below a header that stays, with a bar that leads to its four parts. */
export function Home() {
  const { state } = useDesk();
  const { paper } = usePalette();
  const [settingsOpen, setSettingsOpen] = useState(false);
  const inside = state.server !== "" && !state.login.wanted;
  return (
    <View style={{ flex: 1, backgroundColor: paper }}>
      <Header onSettings={() => setSettingsOpen(true)} />
      <KeyboardAvoidingView
        role="main"
        behavior={Platform.OS === "ios" ? "padding" : undefined}
        style={{ flex: 1 }}
      >
        {inside ? <Parts /> : <Before onSettings={() => setSettingsOpen(true)} />}
      </KeyboardAvoidingView>
      {settingsOpen && <SettingsSheet onClose={() => setSettingsOpen(false)} />}
    </View>
  );
}

function Before({ onSettings }: { onSettings: () => void }) {
  const { state } = useDesk();
  return (
    <ScrollView keyboardShouldPersistTaps="handled" contentContainerStyle={{ padding: MARGIN }}>
      <Column>{state.server === "" ? <Welcome onSettings={onSettings} /> : <LogIn />}</Column>
    </ScrollView>
  );
}

function Parts() {
  const { state } = useDesk();
  const { left, right } = useSafeAreaInsets();
  const reduced = useReducedMotion();
  const scroll = useRef<ScrollView>(null);
  const tops = useRef<Partial<Record<Place, number>>>({});
  const [here, setHere] = useState<Place>("Shelf");
  // Where the bar was asked to lead. It stays lit there, though a short part cannot get to the top.
  const goal = useRef<{ place: Place; arrived: boolean } | null>(null);
  const noted = (place: Place) => (top: number): void => {
    tops.current[place] = top;
  };
  const scrolled = ({ nativeEvent }: NativeSyntheticEvent<NativeScrollEvent>): void => {
    const y = nativeEvent.contentOffset.y;
    const seen = nativeEvent.layoutMeasurement.height;
    const last = nativeEvent.contentSize.height - seen;
    if (goal.current) {
      const target = Math.min((tops.current[goal.current.place] ?? 0) + HIDDEN, last);
      const near = Math.abs(y - target) < 4;
      goal.current.arrived ||= near;
      if (near || !goal.current.arrived) return;
      goal.current = null;
    }
    const passed = ORDER.filter((place) => (tops.current[place] ?? 0) <= y + seen / 3);
    setHere((y >= last - 2 ? ORDER.at(-1) : passed.at(-1)) ?? "Shelf");
  };
  const go = (place: Place): void => {
    goal.current = { place, arrived: false };
    setHere(place);
    scroll.current?.scrollTo({ y: (tops.current[place] ?? 0) + HIDDEN, animated: !reduced });
  };
  return (
    <>
      <ScrollView
        ref={scroll}
        style={{ flex: 1 }}
        keyboardShouldPersistTaps="handled"
        scrollEventThrottle={50}
        onScroll={scrolled}
        onScrollBeginDrag={() => {
          goal.current = null;
        }}
        contentContainerStyle={{
          paddingLeft: MARGIN + left, paddingRight: MARGIN + right, paddingBottom: 40,
        }}
      >
        <Column>
          {state.trouble && <Alarm failure={state.trouble} />}
          <ShelfSection onTop={noted("Shelf")} />
          <WriteTool onTop={noted("Write on")} />
          <SearchTool onTop={noted("Search")} />
          <PosterTool onTop={noted("Poster")} />
        </Column>
      </ScrollView>
      <TabBar order={ORDER} here={here} onGo={go} />
    </>
  );
}

function Column({ children }: { children: ReactNode }) {
  return (
    <View style={{ width: "100%", maxWidth: MEASURE, alignSelf: "center" }}>{children}</View>
  );
}
