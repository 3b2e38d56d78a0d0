import { useConnection } from "../hooks/useConnection";

const SAID = {
  connecting: "Connecting",
  login: "Not logged in",
  connected: "Connected",
  lost: "Connection lost",
};

export function Masthead() {
  const { phase, client, connection } = useConnection();
  const user = client?.config?.username;
  return (
    <header className="masthead">
      <h1>Desk</h1>
      <p className="motto">A shelf, a pen, an index and a press.</p>
      <div className="ears">
        <p role="status" aria-label="Connection" className="connection" data-phase={phase}>
          {SAID[phase]}
        </p>
        {user && (
          <p className="user">
            <span>Logged in as {user}</span>
            <button type="button" className="quiet" onClick={() => void connection.logOut()}>
              Log out
            </button>
          </p>
        )}
      </div>
    </header>
  );
}
