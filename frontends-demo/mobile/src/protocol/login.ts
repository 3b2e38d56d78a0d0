import { parsed } from "./failures";
import { withDeadline } from "./directory";
import type { Transport } from "./transport";

/** Logs in; the platform keeps the cookies (AUTH-002). Throws `Refused` with 4xx if not right. */
export async function logIn(
  transport: Transport, base: string, name: string, password: string,
): Promise<void> {
  const body = `username=${encodeURIComponent(name)}&password=${encodeURIComponent(password)}`;
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  const url = `${base}/login`;
  parsed(
    await withDeadline((signal) => transport.send({ method: "POST", url, headers, body, signal })),
  );
}

/**
 * Ends the log-ins of the user. `all_session=false` would end this one alone (AUTH-017), but Gradio
 * 6.31 does not find it on plain http (E-71) and leaves it open. Where it redirects to does not matter.
 */
export async function logOut(transport: Transport, base: string): Promise<void> {
  const url = `${base}/logout`;
  await withDeadline((signal) => transport.send({ method: "GET", url, signal }));
}
