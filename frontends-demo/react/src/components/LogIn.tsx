import { useActionState } from "react";
import { useConnection } from "../hooks/useConnection";

interface Attempt {
  name: string;
  refusal: string | null;
}

export function LogIn() {
  const { connection } = useConnection();
  const [{ name, refusal }, action, pending] = useActionState(logIn, { name: "", refusal: null });

  async function logIn(_: Attempt, form: FormData): Promise<Attempt> {
    const name = String(form.get("name"));
    return { name, refusal: await connection.logIn(name, String(form.get("password"))) };
  }

  return (
    <form className="login" aria-label="Log in" action={action}>
      <h2>Who is there?</h2>
      <label className="field">
        <span>Name</span>
        <input name="name" defaultValue={name} autoComplete="username" required autoFocus />
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
