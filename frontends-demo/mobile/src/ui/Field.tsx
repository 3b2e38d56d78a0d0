import { useId } from "react";
import { Pressable, Text, TextInput, View } from "react-native";
import type { TextInputProps, TextStyle } from "react-native";
import { ROUND, TOUCH, size, usePalette } from "./theme";

export function Label({ children, id }: { children: string; id?: string }) {
  const { faint } = usePalette();
  const style: TextStyle = { color: faint, fontSize: size(14), fontWeight: "600", marginBottom: 6 };
  return <Text nativeID={id} style={style}>{children}</Text>;
}

export function useBox(): TextStyle {
  const { sheet, ink, line } = usePalette();
  return {
    minHeight: TOUCH,
    paddingHorizontal: 14,
    paddingVertical: 10,
    borderRadius: ROUND,
    borderWidth: 1,
    borderColor: line,
    backgroundColor: sheet,
    color: ink,
    fontSize: size(17), // iOS zooms into fields of less than 16
  };
}

interface FieldProps extends Omit<TextInputProps, "style" | "onChange" | "onChangeText"> {
  label: string;
  value: string;
  onChange: (text: string) => void;
}

export function Field({ label, value, onChange, ...more }: FieldProps) {
  const { faint } = usePalette();
  const box = useBox();
  const id = useId();
  return (
    <View>
      <Label id={id}>{label}</Label>
      <TextInput
        aria-label={label}
        placeholderTextColor={faint}
        {...more}
        value={value}
        onChangeText={onChange}
        style={box}
      />
    </View>
  );
}

interface NumberFieldProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
  step: number;
  least: number;
  most: number;
  onSubmit: () => void;
}

/** A number to type, or to step by large buttons at its sides. */
export function NumberField(props: NumberFieldProps) {
  const { label, value, onChange, step, least, most, onSubmit } = props;
  const box = useBox();
  const number = Number.parseInt(value, 10);
  const by = (change: number): void => {
    const from = Number.isNaN(number) ? least : number;
    onChange(String(Math.min(most, Math.max(least, from + change))));
  };
  const tell = Number.isNaN(number) ? {} : { "aria-valuenow": number };
  return (
    <View>
      <Label>{label}</Label>
      <View style={{ flexDirection: "row", gap: 8 }}>
        <Stepper sign="−" name="Decrease" onPress={() => by(-step)} />
        <TextInput
          role="spinbutton"
          aria-label={label}
          aria-valuemin={least}
          aria-valuemax={most}
          {...tell}
          inputMode="numeric"
          value={value}
          onChangeText={onChange}
          onSubmitEditing={onSubmit}
          style={[box, { width: 84, textAlign: "center" }]}
        />
        <Stepper sign="+" name="Increase" onPress={() => by(step)} />
      </View>
    </View>
  );
}

function Stepper({ sign, name, onPress }: { sign: string; name: string; onPress: () => void }) {
  const { ink } = usePalette();
  const box = useBox();
  return (
    <Pressable
      role="button"
      aria-label={name}
      onPress={onPress}
      style={({ pressed }) => [box, {
        width: TOUCH, paddingHorizontal: 0, alignItems: "center", justifyContent: "center",
        opacity: pressed ? 0.6 : 1,
      }]}
    >
      <Text aria-hidden style={{ color: ink, fontSize: size(20) }}>{sign}</Text>
    </Pressable>
  );
}
