import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./components/App";
import { Connection } from "./desk/connection";
import { ConnectionContext } from "./hooks/useConnection";
import "./styles.css";

const here = new URL(".", location.href);
const server = new URLSearchParams(location.search).get("server") ?? here.origin + here.pathname;

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <ConnectionContext value={new Connection(server)}>
      <App />
    </ConnectionContext>
  </StrictMode>,
);
