import { useState } from "react";
import type { CSSProperties } from "react";
import { pickedFile } from "../platform/picking.web";
import type { AddFileProps } from "./AddFile";
import { ROUND, TOUCH, usePalette } from "./theme";

const ACCEPTED = ".txt,.md,.png,.jpg,.jpeg,.webp,.gif,text/plain,text/markdown,image/*";

/** A label over the browser's own chooser, which keeps the keyboard and the name. */
export function AddFile({ disabled, onPicked }: AddFileProps) {
  const { accent, onAccent } = usePalette();
  const [focused, setFocused] = useState(false);
  const frame: CSSProperties = {
    position: "relative",
    display: "inline-flex",
    alignItems: "center",
    minHeight: TOUCH,
    padding: "0 20px",
    boxSizing: "border-box",
    borderRadius: ROUND,
    background: accent,
    color: onAccent,
    fontSize: "1rem", fontWeight: 600,
    opacity: disabled ? 0.5 : 1,
    outline: focused ? `3px solid ${accent}` : "none",
    outlineOffset: 2,
  };
  const chooser: CSSProperties = {
    position: "absolute", inset: 0, width: "100%", height: "100%", opacity: 0, cursor: "pointer",
  };
  return (
    <label style={frame}>
      Add a file
      <input
        type="file"
        accept={ACCEPTED}
        disabled={disabled}
        style={chooser}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onChange={({ target }) => {
          const file = target.files?.[0];
          if (file) onPicked(pickedFile(file));
          target.value = ""; // so that the same file can be chosen again
        }}
      />
    </label>
  );
}
