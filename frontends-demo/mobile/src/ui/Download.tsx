import { useState } from "react";
import { Pressable, Text } from "react-native";
import { save } from "../platform/saving";
import { Alarm } from "./Telling";
import { TOUCH, size, usePalette } from "./theme";

export interface DownloadProps {
  label: string;
  url: string;
  name: string;
}

/** Opens the phone's share sheet with the file. */
export function Download({ label, url, name }: DownloadProps) {
  const { accent } = usePalette();
  const [trouble, setTrouble] = useState<string | null>(null);
  const fetchIt = (): void => {
    setTrouble(null);
    save(url, name).catch((error: unknown) => {
      setTrouble(error instanceof Error ? error.message : String(error));
    });
  };
  return (
    <>
      <Pressable role="link" onPress={fetchIt} style={{ minHeight: TOUCH, justifyContent: "center" }}>
        <Text style={{ color: accent, fontSize: size(16), fontWeight: "600" }}>{label}</Text>
      </Pressable>
      {trouble !== null && <Alarm failure={{ title: "Not saved", message: trouble, again: false }} />}
    </>
  );
}
