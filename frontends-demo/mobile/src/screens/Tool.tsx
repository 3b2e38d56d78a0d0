import type { ReactNode } from "react";
import { View } from "react-native";
import { useDesk } from "../DeskContext";
import type { Tool as Name } from "../desk/desk";
import { busy } from "../desk/run";
import { Button } from "../ui/Button";
import { Alarm, Notes, ProgressOf, Status } from "../ui/Telling";
import { Section } from "./Section";
import type { Placed } from "./Section";
import type { Place } from "./TabBar";

interface ToolProps extends Placed {
  tool: Name;
  name: Place;
  about: string;
  /** What its button says. */
  action: string;
  /** Whether there is something on the shelf that it can work with. */
  possible?: boolean;
  onStart: () => void;
  fields: ReactNode;
  children: ReactNode;
}

/** What the three tools have in common: fields, start and cancel, and how a call goes. */
export function Tool(props: ToolProps) {
  const { tool, name, about, action, possible = true, onStart, fields, children, onTop } = props;
  const { desk, state } = useDesk();
  const run = state.tools[tool];
  const running = busy(run);
  return (
    <Section name={name} about={about} aside={<Status run={run} />} onTop={onTop}>
      {fields}
      <View style={{ flexDirection: "row", flexWrap: "wrap", gap: 8 }}>
        <Button kind="main" label={action} disabled={running || !possible} onPress={onStart} />
        {running && <Button label="Cancel" onPress={() => desk.cancel(tool)} />}
        {run.failure?.again && <Button label="Run again" onPress={() => desk.again(tool)} />}
      </View>
      <ProgressOf run={run} />
      <Notes notes={run.notes} />
      {run.failure && <Alarm failure={run.failure} />}
      {children}
    </Section>
  );
}
