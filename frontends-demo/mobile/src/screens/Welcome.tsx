import { View } from "react-native";
import { Button } from "../ui/Button";
import { Title, Words } from "../ui/Words";

/** What a phone shows before it knows a server. */
export function Welcome({ onSettings }: { onSettings: () => void }) {
  return (
    <View style={{ gap: 16, paddingVertical: 24 }}>
      <Title level={2}>Which desk?</Title>
      <Words>
        Desk runs on a server: your own computer will do. Tell this phone its address in your network.
      </Words>
      <View style={{ flexDirection: "row" }}>
        <Button kind="main" label="Choose a server" onPress={onSettings} />
      </View>
    </View>
  );
}
