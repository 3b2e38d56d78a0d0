import { useConnection } from "../hooks/useConnection";
import { Desk } from "./Desk";
import { LogIn } from "./LogIn";
import { Masthead } from "./Masthead";

export function App() {
  const { phase, client } = useConnection();
  return (
    <>
      <Masthead />
      <main>
        {phase === "login" && <LogIn />}
        {client && <Desk />}
      </main>
    </>
  );
}
