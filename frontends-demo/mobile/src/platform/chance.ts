import { getRandomValues } from "expo-crypto";

/** 128 bits of chance as hexadecimal digits: a session hash (CLIENT-003). */
export function sessionHash(): string {
  const bytes = getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
