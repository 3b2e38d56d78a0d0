import { Image } from "react-native";

export interface PictureProps {
  url: string;
  name: string;
  /** Width by height; 0 if it is not known. */
  ratio: number;
  width: number | "100%";
}

export function Picture({ url, name, ratio, width }: PictureProps) {
  return (
    <Image
      role="img"
      accessible
      alt={name}
      source={{ uri: url }}
      resizeMode="contain"
      style={{ width, aspectRatio: ratio || 1 }}
    />
  );
}
