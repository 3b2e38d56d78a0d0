import { useState } from "react";
import { Modal, Pressable, ScrollView, Text, View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";
import { Label, useBox } from "./Field";
import { MARGIN, TOUCH, size, usePalette } from "./theme";
import { Title } from "./Words";

export interface SelectProps {
  label: string;
  options: { value: string; label: string }[];
  value: string;
  onChange: (value: string) => void;
  none: string;
}

/** A choice, made in a sheet that comes up from below. The web has one of its own. */
export function Select({ label, options, value, onChange, none }: SelectProps) {
  const [open, setOpen] = useState(false);
  const { ink, faint } = usePalette();
  const box = useBox();
  const chosen = options.find((option) => option.value === value)?.label;
  return (
    <View>
      <Label>{label}</Label>
      <Pressable
        role="combobox"
        aria-label={label}
        aria-expanded={open}
        accessibilityValue={{ text: chosen ?? none }}
        disabled={options.length === 0}
        onPress={() => setOpen(true)}
        style={[box, { flexDirection: "row", alignItems: "center", gap: 8 }]}
      >
        <Text numberOfLines={1} style={{ flex: 1, color: chosen ? ink : faint, fontSize: size(17) }}>
          {chosen ?? none}
        </Text>
        <Text aria-hidden style={{ color: faint }}>▾</Text>
      </Pressable>
      <Sheet
        label={label}
        open={open}
        options={options}
        value={value}
        onClose={() => setOpen(false)}
        onChange={onChange}
      />
    </View>
  );
}

interface SheetProps extends Omit<SelectProps, "none"> {
  open: boolean;
  onClose: () => void;
}

function Sheet({ label, open, options, value, onClose, onChange }: SheetProps) {
  const { paper, wash } = usePalette();
  const { bottom } = useSafeAreaInsets();
  const choose = (next: string): void => {
    onChange(next);
    onClose();
  };
  return (
    <Modal visible={open} transparent animationType="fade" onRequestClose={onClose}>
      <Pressable aria-label="Close" role="button" style={{ flex: 1, backgroundColor: "#0008" }} onPress={onClose} />
      <View style={{ backgroundColor: paper, padding: MARGIN, paddingBottom: MARGIN + bottom, maxHeight: "60%" }}>
        <Title level={2}>{label}</Title>
        <ScrollView role="radiogroup" aria-label={label}>
          {options.map((option) => (
            <Pressable
              key={option.value}
              role="radio"
              aria-checked={option.value === value}
              onPress={() => choose(option.value)}
              style={{
                minHeight: TOUCH, justifyContent: "center", paddingHorizontal: 12, borderRadius: 8,
                backgroundColor: option.value === value ? wash : "transparent",
              }}
            >
              <OptionText>{option.label}</OptionText>
            </Pressable>
          ))}
        </ScrollView>
      </View>
    </Modal>
  );
}

function OptionText({ children }: { children: string }) {
  const { ink } = usePalette();
  return <Text style={{ color: ink, fontSize: size(17) }}>{children}</Text>;
}
