import { useState } from "react";
import { Text, View } from "react-native";
import { useDesk } from "../DeskContext";
import { poster } from "../desk/shapes";
import { Download } from "../ui/Download";
import { NumberField } from "../ui/Field";
import { Picture } from "../ui/Picture";
import { Select } from "../ui/Select";
import { mono, size, usePalette } from "../ui/theme";
import { chosen, number, options } from "./choices";
import type { Placed } from "./Section";
import { Tool } from "./Tool";

export function PosterTool({ onTop }: Placed) {
  const { desk, state } = useDesk();
  const { sheet, line } = usePalette();
  const [picked, setPicked] = useState("");
  const [colours, setColours] = useState("6");
  const pictures = options(state.documents, "picture");
  const source = chosen(pictures, picked);
  const start = (): void => {
    if (source) desk.start("poster", { picture: source, colours: number(colours, 6) });
  };
  const { phase, values } = state.tools.poster;
  const { picture, palette } = poster(values);
  const url = picture && desk.fileUrl(picture);
  return (
    <Tool
      tool="poster"
      name="Poster"
      about="Finds the colours a picture lives of, and prints it in these alone, dot by dot."
      action="Make a poster"
      possible={source !== ""}
      onStart={start}
      onTop={onTop}
      fields={
        <>
          <Select label="Picture" options={pictures} value={source} onChange={setPicked} none="No picture on the shelf" />
          <NumberField label="Colours" value={colours} onChange={setColours} step={1} least={1} most={16} onSubmit={start} />
        </>
      }
    >
      {palette.length > 0 && <Colours palette={palette} />}
      {url && (
        <View style={{ backgroundColor: sheet, borderWidth: 1, borderColor: `${line}55`, padding: 12 }}>
          <Picture url={url} name="Poster" ratio={0} width="100%" />
        </View>
      )}
      {url && phase === "done" && (
        <Download label="Download the poster" url={url} name={picture.orig_name ?? "poster.png"} />
      )}
    </Tool>
  );
}

function Colours({ palette }: { palette: string[] }) {
  const { faint, line } = usePalette();
  return (
    <View role="list" aria-label="Palette" style={{ flexDirection: "row", flexWrap: "wrap", gap: 8 }}>
      {palette.map((colour, i) => (
        <View key={i} role="listitem" style={{ gap: 4, flexGrow: 1, flexBasis: 52, maxWidth: 96 }}>
          <View style={{
            height: 40, borderRadius: 4, backgroundColor: colour, borderWidth: 1, borderColor: `${line}88`,
          }} />
          <Text selectable style={{ color: faint, fontFamily: mono, fontSize: size(12), textAlign: "center" }}>{colour}</Text>
        </View>
      ))}
    </View>
  );
}
