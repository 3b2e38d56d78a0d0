/** Logs in; whether the credentials were right. The browser keeps the cookies. */
export async function logIn(server: string, username: string, password: string): Promise<boolean> {
  const { ok, status } = await fetch(`${server}/login`, {
    method: "POST",
    body: new URLSearchParams({ username, password }),
    credentials: "include",
  });
  if (!ok && status >= 500) throw new Error(`The server answered ${status}.`);
  return ok; // AUTH-003: wrong ones are refused with some 4xx
}

export async function logOut(server: string): Promise<void> {
  await fetch(`${server}/logout`, { credentials: "include", redirect: "manual" });
}
