import { StatusBar } from "react-native";
import { SafeAreaProvider } from "react-native-safe-area-context";
import { DeskProvider } from "./DeskContext";
import { Home } from "./screens/Home";

export function App() {
  return (
    <SafeAreaProvider>
      <StatusBar barStyle="default" />
      <DeskProvider>
        <Home />
      </DeskProvider>
    </SafeAreaProvider>
  );
}
