import { useState } from "react";
import { View } from "react-native";
import { useDesk } from "../DeskContext";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { Alarm } from "../ui/Telling";
import { Title, Words } from "../ui/Words";

export function LogIn() {
  const { desk, state } = useDesk();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const enter = (): void => void desk.logIn(name, password);
  const { busy, failure } = state.login;
  return (
    <View role="form" aria-label="Log in" style={{ gap: 16, paddingVertical: 24 }}>
      <Title level={2}>Log in</Title>
      <Words faint>{`${state.server} is open to those it knows.`}</Words>
      <Field
        label="Name"
        value={name}
        onChange={setName}
        onSubmitEditing={enter}
        autoCapitalize="none"
        autoCorrect={false}
        autoComplete="username"
        textContentType="username"
      />
      <Field
        label="Password"
        value={password}
        onChange={setPassword}
        onSubmitEditing={enter}
        secureTextEntry
        autoComplete="current-password"
        textContentType="password"
      />
      {failure && <Alarm failure={failure} />}
      <View style={{ flexDirection: "row" }}>
        <Button kind="main" label="Log in" disabled={busy} onPress={enter} />
      </View>
    </View>
  );
}
