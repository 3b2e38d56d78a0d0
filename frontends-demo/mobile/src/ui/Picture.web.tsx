import type { PictureProps } from "./Picture";

export function Picture({ url, name, ratio, width }: PictureProps) {
  const aspectRatio = ratio || undefined;
  return <img src={url} alt={name} style={{ width, aspectRatio, objectFit: "contain", display: "block" }} />;
}
