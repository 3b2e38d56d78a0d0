import { View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";
import { useDesk } from "../DeskContext";
import { Button } from "../ui/Button";
import { MARGIN, MEASURE, usePalette } from "../ui/theme";
import { Title, Words } from "../ui/Words";

const WORDS = {
  none: "No server", connecting: "Connecting", connected: "Connected", lost: "Connection lost",
} as const;

export function Header({ onSettings }: { onSettings: () => void }) {
  const { desk, state } = useDesk();
  const { top, left, right } = useSafeAreaInsets();
  const { line, paper } = usePalette();
  const { user } = state.login;
  return (
    <View role="banner" style={{
      paddingTop: top, paddingLeft: MARGIN + left, paddingRight: 8 + right, backgroundColor: paper,
      borderBottomWidth: 1, borderBottomColor: `${line}55`,
    }}>
      <View style={{ width: "100%", maxWidth: MEASURE, alignSelf: "center", paddingVertical: 4 }}>
        <View style={{ flexDirection: "row", flexWrap: "wrap", alignItems: "center", columnGap: 16 }}>
          <Title level={1}>Desk</Title>
          <Connection />
          <Button kind="quiet" label="Settings" onPress={onSettings} />
        </View>
        {user !== null && (
          <View style={{ flexDirection: "row", flexWrap: "wrap", alignItems: "center" }}>
            <View style={{ flexGrow: 1 }}><Words small faint>{`Logged in as ${user}`}</Words></View>
            <Button kind="quiet" label="Log out" onPress={() => void desk.logOut()} />
          </View>
        )}
      </View>
    </View>
  );
}

function Connection() {
  const { state } = useDesk();
  const { good, alarm, line } = usePalette();
  const { connection } = state;
  const colour = connection === "connected" ? good : connection === "lost" ? alarm : line;
  return (
    <View style={{ flexDirection: "row", alignItems: "center", gap: 8, flexGrow: 1 }}>
      <View style={{ width: 10, height: 10, borderRadius: 5, backgroundColor: colour }} />
      <View role="status" aria-live="polite" aria-label="Connection">
        <Words small faint alarm={connection === "lost"}>{WORDS[connection]}</Words>
      </View>
    </View>
  );
}
