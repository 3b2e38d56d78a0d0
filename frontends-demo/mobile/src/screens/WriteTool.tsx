import { useState } from "react";
import { Text, View } from "react-native";
import { useDesk } from "../DeskContext";
import { Field, NumberField } from "../ui/Field";
import { Select } from "../ui/Select";
import { serif, size, usePalette } from "../ui/theme";
import { chosen, number, options } from "./choices";
import type { Placed } from "./Section";
import { Tool } from "./Tool";

export function WriteTool({ onTop }: Placed) {
  const { desk, state } = useDesk();
  const [picked, setPicked] = useState("");
  const [beginning, setBeginning] = useState("");
  const [words, setWords] = useState("60");
  const texts = options(state.documents, "text");
  const document = chosen(texts, picked);
  const start = (): void => {
    if (document) desk.start("write", { document, beginning, words: number(words, 60) });
  };
  return (
    <Tool
      tool="write"
      name="Write on"
      about="Learns how a text of the shelf goes, and writes on in its manner, word by word."
      action="Write"
      possible={document !== ""}
      onStart={start}
      onTop={onTop}
      fields={
        <>
          <Select label="Text" options={texts} value={document} onChange={setPicked} none="No text on the shelf" />
          <Field
            label="Beginning"
            value={beginning}
            onChange={setBeginning}
            onSubmitEditing={start}
            placeholder="Any words of the text"
            autoCapitalize="none"
          />
          <NumberField label="Words" value={words} onChange={setWords} step={20} least={1} most={2000} onSubmit={start} />
        </>
      }
    >
      <Written text={text(state.tools.write.values)} />
    </Tool>
  );
}

function Written({ text }: { text: string }) {
  const { sheet, ink, accent } = usePalette();
  return (
    <View
      role="group"
      aria-label="Written text"
      aria-live="off"
      style={text === "" ? {} : {
        backgroundColor: sheet, borderLeftWidth: 4, borderLeftColor: accent,
        paddingVertical: 16, paddingHorizontal: 18, borderRadius: 4,
      }}
    >
      <Text selectable style={{ color: ink, fontFamily: serif, fontSize: size(18), lineHeight: size(29) }}>
        {text}
      </Text>
    </View>
  );
}

function text(values: unknown[] | null): string {
  const [first] = values ?? [];
  return typeof first === "string" ? first : "";
}
