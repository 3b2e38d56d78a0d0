import { useState } from "react";
import { Modal, Pressable, ScrollView, View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";
import { useDesk, useKnown } from "../DeskContext";
import { serverUrl } from "../platform/settings";
import type { Settings } from "../platform/settings";
import { Button } from "../ui/Button";
import { Field, Label } from "../ui/Field";
import { Alarm } from "../ui/Telling";
import { MARGIN, MEASURE, ROUND, TOUCH, usePalette } from "../ui/theme";
import { Title, Words } from "../ui/Words";

const UNREADABLE = {
  title: "Not an address",
  message: "Write it like http://192.168.1.20:7860.",
  again: false,
};

/** Where the server is, and how its streams are read. */
export function SettingsSheet({ onClose }: { onClose: () => void }) {
  const { settings, choose } = useKnown();
  const { state } = useDesk();
  const { paper } = usePalette();
  const { top, bottom } = useSafeAreaInsets();
  const [typed, setTyped] = useState(settings.server);
  const [streaming, setStreaming] = useState(settings.streaming);
  const [wrong, setWrong] = useState(false);
  const keep = (): void => {
    const server = serverUrl(typed);
    setWrong(server === null);
    if (server === null) return;
    choose({ server, streaming });
    onClose();
  };
  return (
    <Modal visible animationType="none" onRequestClose={onClose}>
      <ScrollView
        keyboardShouldPersistTaps="handled"
        style={{ backgroundColor: paper }}
        contentContainerStyle={{ padding: MARGIN, paddingTop: MARGIN + top, paddingBottom: MARGIN + bottom }}
      >
        <View style={{ width: "100%", maxWidth: MEASURE, alignSelf: "center", gap: 20 }}>
          <Title level={2}>Settings</Title>
          <Field
            label="Server"
            value={typed}
            onChange={setTyped}
            onSubmitEditing={keep}
            inputMode="url"
            autoCapitalize="none"
            autoCorrect={false}
            placeholder="http://192.168.1.20:7860"
          />
          {wrong && <Alarm failure={UNREADABLE} />}
          <Streaming value={streaming} onChange={setStreaming} />
          {state.version ? <Words small faint>{`The server speaks as Gradio ${state.version}.`}</Words> : null}
          <View style={{ flexDirection: "row", flexWrap: "wrap", gap: 8 }}>
            <Button kind="main" label="Use this server" onPress={keep} />
            <Button label="Back" onPress={onClose} />
          </View>
        </View>
      </ScrollView>
    </Modal>
  );
}

type Way = Settings["streaming"];

const WAYS: { way: Way; name: string; about: string }[] = [
  { way: "xhr", name: "XMLHttpRequest", about: "Works everywhere; keeps what a stream has said." },
  { way: "fetch", name: "fetch streams", about: "Keeps nothing; wants a recent phone or browser." },
];

function Streaming({ value, onChange }: { value: Way; onChange: (way: Way) => void }) {
  const { accent, line, sheet } = usePalette();
  return (
    <View>
      <Label>Streams are read by</Label>
      <View role="radiogroup" aria-label="Streams are read by" style={{ gap: 8 }}>
        {WAYS.map(({ way, name, about }) => (
          <Pressable
            key={way}
            role="radio"
            aria-checked={way === value}
            aria-label={name}
            onPress={() => onChange(way)}
            style={{
              minHeight: TOUCH, padding: 14, borderRadius: ROUND, backgroundColor: sheet,
              borderWidth: way === value ? 2 : 1, borderColor: way === value ? accent : line,
            }}
          >
            <Words strong>{name}</Words>
            <Words small faint>{about}</Words>
          </Pressable>
        ))}
      </View>
    </View>
  );
}
