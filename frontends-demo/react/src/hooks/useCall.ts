import { useCallback } from "react";
import { follow, SENT } from "../desk/job";
import type { Job, Submission } from "../desk/job";
import { useConnection } from "./useConnection";

export type Call = <Result>(
  endpoint: string,
  args: object,
  tell?: (job: Job<Result>, submission: Submission) => void,
) => Promise<Job<Result>>;

/** Calls endpoints, and tells the connection when the server does not answer. */
export function useCall(): Call {
  const { client, connection } = useConnection();
  return useCallback(
    async <Result>(
      endpoint: string,
      args: object,
      tell?: (job: Job<Result>, submission: Submission) => void,
    ) => {
      if (!client) return { ...SENT, phase: "lost" as const };
      // What is null is left out: the client fills in the default of /info [CLIENT-027].
      const given = Object.entries(args).filter(([, value]) => value !== null);
      const submission = client.submit(endpoint, Object.fromEntries(given));
      tell?.(SENT, submission);
      const job = await follow<Result>(submission, (state) => tell?.(state, submission));
      if (job.phase === "lost") connection.lost();
      return job;
    },
    [client, connection],
  );
}
