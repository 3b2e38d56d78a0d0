import { Pressable, Text } from "react-native";
import { ROUND, TOUCH, size, usePalette } from "./theme";

interface ButtonProps {
  label: string;
  onPress: () => void;
  disabled?: boolean;
  /** `main` is the one thing to do in its place. */
  kind?: "main" | "plain" | "quiet";
}

export function Button({ label, onPress, disabled = false, kind = "plain" }: ButtonProps) {
  const { accent, onAccent, ink, faint, line } = usePalette();
  const ground = kind === "main" ? accent : "transparent";
  return (
    <Pressable
      role="button"
      aria-disabled={disabled}
      disabled={disabled}
      onPress={onPress}
      style={({ pressed }) => ({
        minHeight: TOUCH,
        minWidth: TOUCH,
        paddingHorizontal: kind === "quiet" ? 12 : 20,
        paddingVertical: 10,
        justifyContent: "center",
        alignItems: "center",
        borderRadius: ROUND,
        borderWidth: kind === "quiet" ? 0 : 1,
        borderColor: kind === "main" ? accent : line,
        backgroundColor: ground,
        opacity: disabled ? 0.5 : pressed ? 0.7 : 1,
      })}
    >
      <Text
        style={{
          color: kind === "main" ? onAccent : kind === "quiet" ? faint : ink,
          fontSize: size(kind === "quiet" ? 15 : 16),
          fontWeight: "600",
        }}
      >
        {label}
      </Text>
    </Pressable>
  );
}
