import type { DownloadProps } from "./Download";
import { TOUCH, usePalette } from "./theme";

export function Download({ label, url, name }: DownloadProps) {
  const { accent } = usePalette();
  const style = {
    display: "inline-flex", alignItems: "center", minHeight: TOUCH, color: accent,
    fontSize: "1rem", fontWeight: 600, textUnderlineOffset: 4, alignSelf: "flex-start",
  } as const;
  return <a href={url} download={name} style={style}>{label}</a>;
}
