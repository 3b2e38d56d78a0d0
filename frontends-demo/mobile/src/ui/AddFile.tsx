import { View } from "react-native";
import { pickDocument, pickPhoto } from "../platform/picking";
import type { Picked } from "../platform/picking";
import { Button } from "./Button";

export interface AddFileProps {
  disabled: boolean;
  onPicked: (picked: Picked) => void;
  onTrouble: (message: string) => void;
}

/** The phone's own pickers. The web has its own file chooser. */
export function AddFile({ disabled, onPicked, onTrouble }: AddFileProps) {
  const pick = (ask: () => Promise<Picked | null>) => (): void => {
    ask().then(
      (picked) => picked && onPicked(picked),
      (error: unknown) => onTrouble(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    <View style={{ flexDirection: "row", flexWrap: "wrap", gap: 8 }}>
      <Button kind="main" label="Add a file" disabled={disabled} onPress={pick(pickDocument)} />
      <Button label="Add a photo" disabled={disabled} onPress={pick(pickPhoto)} />
    </View>
  );
}
