import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import { Desk } from "./desk/desk";
import type { State } from "./desk/desk";
import { sessionHash } from "./platform/chance";
import { recall, remember } from "./platform/memory";
import { onPresence } from "./platform/presence";
import type { Settings } from "./platform/settings";
import { transport } from "./platform/transport";

interface Known {
  desk: Desk;
  settings: Settings;
  choose: (settings: Settings) => void;
}

const Context = createContext<Known | null>(null);

export function DeskProvider({ children }: { children: ReactNode }) {
  const [settings, setSettings] = useState<Settings>(recall);
  const { server, streaming } = settings;
  const desk = useMemo(
    () => new Desk({ transport: transport(streaming), hash: sessionHash }),
    [streaming],
  );
  useEffect(() => {
    desk.use(server);
    const away = onPresence(() => desk.wake(), () => desk.rest());
    return () => {
      away();
      desk.leave();
    };
  }, [desk, server]);
  const known = useMemo((): Known => {
    const choose = (chosen: Settings): void => {
      remember(chosen);
      setSettings(chosen);
    };
    return { desk, settings, choose };
  }, [desk, settings]);
  return <Context.Provider value={known}>{children}</Context.Provider>;
}

export function useKnown(): Known {
  const known = useContext(Context);
  if (known === null) throw new Error("outside of DeskProvider");
  return known;
}

export function useDesk(): { desk: Desk; state: State } {
  const { desk } = useKnown();
  return { desk, state: useSyncExternalStore(desk.subscribe, desk.snapshot, desk.snapshot) };
}
