import { useCallback } from "react";
import type { EndpointName, ParametersOf, ResultOf } from "../desk/endpoints";
import { follow, SENT } from "../desk/job";
import type { Job, Submission } from "../desk/job";
import { useConnection } from "./useConnection";

/** Is told each state of a call, and may cancel it by the submission. */
export type Tell<Name extends EndpointName> = (
  job: Job<ResultOf<Name>>,
  submission: Submission,
) => void;

export type Call = <Name extends EndpointName>(
  endpoint: Name,
  args: ParametersOf<Name>,
  tell?: Tell<Name>,
) => Promise<Job<ResultOf<Name>>>;

/** Calls endpoints, and tells the connection when the server does not answer. */
export function useCall(): Call {
  const { client, connection } = useConnection();
  return useCallback(
    async <Name extends EndpointName>(
      endpoint: Name,
      args: ParametersOf<Name>,
      tell?: Tell<Name>,
    ) => {
      if (!client) return { ...SENT, phase: "lost" as const };
      // What is left out gets the default of /info: CLIENT-027.
      const given = Object.entries(args).filter(([, value]) => value !== undefined);
      const submission = client.submit(endpoint, Object.fromEntries(given));
      tell?.(SENT, submission);
      const job = await follow<ResultOf<Name>>(submission, (state) => tell?.(state, submission));
      if (job.phase === "lost") connection.lost();
      return job;
    },
    [client, connection],
  );
}
