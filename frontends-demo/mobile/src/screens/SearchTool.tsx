import { useState } from "react";
import { Text, View } from "react-native";
import { useDesk } from "../DeskContext";
import type { Passage } from "../desk/shapes";
import { Field } from "../ui/Field";
import { serif, size, usePalette } from "../ui/theme";
import { Words } from "../ui/Words";
import type { Placed } from "./Section";
import { Tool } from "./Tool";

export function SearchTool({ onTop }: Placed) {
  const { desk, state } = useDesk();
  const [question, setQuestion] = useState("");
  const start = (): void => desk.start("search", { question });
  const { phase, values } = state.tools.search;
  const passages = (values?.[0] ?? []) as unknown as Passage[];
  return (
    <Tool
      tool="search"
      name="Search"
      about="Finds the passages of all your texts that answer a question best."
      action="Search"
      onStart={start}
      onTop={onTop}
      fields={
        <Field
          label="Question"
          value={question}
          onChange={setQuestion}
          onSubmitEditing={start}
          inputMode="search"
          enterKeyHint="search"
          placeholder="What do you look for?"
        />
      }
    >
      {passages.length > 0 && <Passages passages={passages} />}
      {phase === "done" && passages.length === 0 && <Words faint>No passage has these words.</Words>}
    </Tool>
  );
}

function Passages({ passages }: { passages: Passage[] }) {
  const { ink, line } = usePalette();
  return (
    <View role="list" aria-label="Passages" style={{ gap: 18 }}>
      {passages.map(({ document, text, score }, i) => (
        <View
          key={i}
          role="listitem"
          style={{ gap: 4, paddingLeft: 14, borderLeftWidth: 2, borderLeftColor: `${line}88` }}
        >
          <Text selectable style={{ color: ink, fontFamily: serif, fontSize: size(17), lineHeight: size(26) }}>
            {text}
          </Text>
          <Words small faint>{`${document} · ${score.toFixed(2)}`}</Words>
        </View>
      ))}
    </View>
  );
}
