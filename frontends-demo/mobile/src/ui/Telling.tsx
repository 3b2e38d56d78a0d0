// How a tool tells what goes on: its status, its progress, its notes and its failure.

import { View } from "react-native";
import { wording } from "../desk/run";
import type { Run } from "../desk/run";
import type { Failure, Note } from "../protocol";
import { ROUND, usePalette } from "./theme";
import { Words } from "./Words";

export function Status({ run }: { run: Run }) {
  const { accent, alarm, line } = usePalette();
  const lively = run.phase === "running" || run.phase === "waiting";
  const bad = run.phase === "failed" || run.phase === "lost";
  const dot = bad ? alarm : lively || run.phase === "done" ? accent : line;
  return (
    <View style={{ flexDirection: "row", alignItems: "center", gap: 8 }}>
      <View style={{ width: 8, height: 8, borderRadius: 4, backgroundColor: dot }} />
      <View role="status" aria-live="polite">
        <Words small faint>{wording(run)}</Words>
      </View>
    </View>
  );
}

interface BarProps {
  name: string;
  /** null while it is not known. */
  now: number | null;
  most: number;
  text?: string;
}

export function Bar({ name, now, most, text }: BarProps) {
  const { accent, wash } = usePalette();
  const share = now === null ? 100 : Math.min(100, (100 * now) / (most || 1));
  const values = now === null ? {} : { "aria-valuenow": now, "aria-valuemin": 0, "aria-valuemax": most };
  return (
    <View style={{ gap: 6 }}>
      <View
        role="progressbar"
        aria-label={name}
        {...values}
        accessible
        style={{ height: 8, borderRadius: 4, backgroundColor: wash, overflow: "hidden" }}
      >
        <View style={{
          height: 8, width: `${share}%`, backgroundColor: accent, borderRadius: 4,
          opacity: now === null ? 0.4 : 1,
        }} />
      </View>
      {text ? <Words small faint>{text}</Words> : null}
    </View>
  );
}

export function ProgressOf({ run }: { run: Run }) {
  if (run.progress === null) return null;
  const { now, most, desc, unit } = run.progress;
  const text = unit === "%" ? `${desc} ${now} %` : `${desc} ${now} of ${most} ${unit}`;
  return <Bar name="Progress" now={now} most={most} text={text.trim()} />;
}

export function Notes({ notes }: { notes: Note[] }) {
  const { wash, accent } = usePalette();
  return notes.map(({ text, level }, i) => (
    <View
      key={i}
      role="note"
      aria-label={level === "warning" ? "Warning" : "Note"}
      style={{ backgroundColor: wash, borderRadius: ROUND, borderLeftWidth: 4, borderLeftColor: accent, padding: 12 }}
    >
      <Words small>{text}</Words>
    </View>
  ));
}

export function Alarm({ failure }: { failure: Failure }) {
  const { alarm, alarmWash } = usePalette();
  return (
    <View
      role="alert"
      aria-live="assertive"
      style={{ backgroundColor: alarmWash, borderRadius: ROUND, borderLeftWidth: 4, borderLeftColor: alarm, padding: 12 }}
    >
      {failure.title ? <Words strong alarm>{failure.title}</Words> : null}
      <Words>{failure.message}</Words>
    </View>
  );
}
