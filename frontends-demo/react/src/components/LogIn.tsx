import { useActionState } from "react";
import { useConnection } from "../hooks/useConnection";

export function LogIn() {
  const { connection } = useConnection();
  const [refusal, action, pending] = useActionState<string | null, FormData>(
    (_, form) => connection.logIn(String(form.get("name")), String(form.get("password"))),
    null,
  );
  return (
    <form className="login" aria-label="Log in" action={action}>
      <h2>Who is there?</h2>
      <label className="field">
        <span>Name</span>
        <input name="name" autoComplete="username" required autoFocus />
      </label>
      <label className="field">
        <span>Password</span>
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      {refusal && (
        <p role="alert" className="alert">
          {refusal}
        </p>
      )}
      <button type="submit" className="primary" disabled={pending}>
        Log in
      </button>
    </form>
  );
}
