import { createContext, use, useSyncExternalStore } from "react";
import type { Connection, ConnectionState } from "../desk/connection";

export const ConnectionContext = createContext<Connection | null>(null);

export function useConnection(): ConnectionState & { connection: Connection } {
  const connection = use(ConnectionContext);
  if (!connection) throw new Error("useConnection needs a ConnectionContext");
  const state = useSyncExternalStore(connection.subscribe, connection.snapshot);
  return { ...state, connection };
}
