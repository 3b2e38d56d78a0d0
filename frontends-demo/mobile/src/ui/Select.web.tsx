import type { CSSProperties } from "react";
import { View } from "react-native";
import { Label } from "./Field";
import type { SelectProps } from "./Select";
import { ROUND, TOUCH, usePalette } from "./theme";

/** The browser's own: on a phone it opens what the phone opens. */
export function Select({ label, options, value, onChange, none }: SelectProps) {
  const { sheet, ink, line } = usePalette();
  const style: CSSProperties = {
    minHeight: TOUCH,
    width: "100%",
    padding: "10px 14px",
    borderRadius: ROUND,
    border: `1px solid ${line}`,
    backgroundColor: sheet,
    color: ink,
    fontSize: "1.0625rem",
    textOverflow: "ellipsis",
    boxSizing: "border-box",
  };
  return (
    <View>
      <Label>{label}</Label>
      <select
        aria-label={label}
        value={value}
        disabled={options.length === 0}
        onChange={(event) => onChange(event.target.value)}
        style={style}
      >
        {options.length === 0 && <option value="">{none}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>{option.label}</option>
        ))}
      </select>
    </View>
  );
}
