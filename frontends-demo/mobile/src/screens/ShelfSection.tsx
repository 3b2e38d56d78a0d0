import { Text, View } from "react-native";
import { useDesk } from "../DeskContext";
import type { Document } from "../desk/shapes";
import { AddFile } from "../ui/AddFile";
import { Button } from "../ui/Button";
import { Picture } from "../ui/Picture";
import { Alarm, Bar, Notes } from "../ui/Telling";
import { serif, usePalette } from "../ui/theme";
import { Words } from "../ui/Words";
import { Section } from "./Section";
import type { Placed } from "./Section";

export function ShelfSection({ onTop }: Placed) {
  const { desk, state } = useDesk();
  const { documents, previews, upload, shelf } = state;
  const about = "Texts and pictures of this visit. The tools below work with what is here.";
  return (
    <Section name="Shelf" about={about} aside={null} onTop={onTop}>
      {documents.length > 0 && (
        <View role="list" style={{ gap: 14 }}>
          {documents.map((document) => (
            <Item key={document.id} document={document} preview={previews[document.id] ?? null} />
          ))}
        </View>
      )}
      {upload && <Bar name="Upload" now={upload.total === null ? null : upload.sent} most={upload.total ?? 1} text={upload.name} />}
      <Notes notes={shelf.notes} />
      {shelf.failure && <Alarm failure={shelf.failure} />}
      <View style={{ flexDirection: "row", flexWrap: "wrap", gap: 8 }}>
        <AddFile
          disabled={upload !== null}
          onPicked={({ file, preview }) => void desk.add(file, preview)}
          onTrouble={(message) => desk.refuse(message)}
        />
        {documents.length > 0 && <Button label="Empty the shelf" onPress={() => void desk.empty()} />}
      </View>
    </Section>
  );
}

function Item({ document, preview }: { document: Document; preview: string | null }) {
  const { name, kind, excerpt } = document;
  return (
    <View role="listitem" style={{ flexDirection: "row", gap: 14, alignItems: "center" }}>
      <Cover document={document} preview={preview} />
      <View style={{ flex: 1, minWidth: 0, gap: 2 }}>
        <Words strong lines={1}>{name}</Words>
        <Words small faint>{facts(document)}</Words>
        {kind === "text" && excerpt ? <Words small lines={2}>{excerpt}</Words> : null}
      </View>
    </View>
  );
}

// A page of its first words, or the picture itself.
function Cover({ document, preview }: { document: Document; preview: string | null }) {
  const { sheet, line, faint } = usePalette();
  const { name, kind, excerpt, width, height } = document;
  const frame = {
    width: 60, height: 78, borderRadius: 4, borderWidth: 1, borderColor: `${line}88`,
    backgroundColor: sheet, overflow: "hidden", justifyContent: "center",
  } as const;
  if (kind === "picture" && preview) {
    const ratio = width && height ? width / height : 0;
    return (
      <View style={frame}>
        <Picture url={preview} name={`Preview of ${name}`} ratio={ratio} width="100%" />
      </View>
    );
  }
  return (
    <View aria-hidden style={[frame, { padding: 6, justifyContent: "flex-start" }]}>
      <Text allowFontScaling={false} style={{ fontFamily: serif, fontSize: 7, lineHeight: 9, color: faint }}>
        {kind === "text" ? excerpt.slice(0, 110) : "Picture"}
      </Text>
    </View>
  );
}

function facts({ kind, words, width, height, size: bytes }: Document): string {
  const count = (words ?? 0).toLocaleString("en");
  const what = kind === "text" ? `${count} words` : `${width} × ${height}`;
  const kib = Math.max(1, Math.round(bytes / 1024)).toLocaleString("en");
  return `${what} · ${kib} KiB`;
}

