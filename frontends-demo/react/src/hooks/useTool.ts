import { useRef, useState } from "react";
import type { EndpointName, ParametersOf, ResultOf } from "../desk/endpoints";
import { READY } from "../desk/job";
import type { Job, Submission } from "../desk/job";
import { useCall } from "./useCall";

/** What the frame of a tool needs of it, whatever it makes. */
export interface Tool<Result = unknown> {
  job: Job<Result>;
  again(): void;
  cancel(): void;
}

/** The latest call of an endpoint, and what may be done with it. */
export function useTool<Name extends EndpointName>(
  endpoint: Name,
): Tool<ResultOf<Name>> & { run(args: ParametersOf<Name>): void } {
  const call = useCall();
  const [job, setJob] = useState<Job<ResultOf<Name>>>(READY);
  const latest = useRef<{ args: ParametersOf<Name>; submission: Submission | null }>(null);

  const run = (args: ParametersOf<Name>) => {
    const mine = { args, submission: null as Submission | null };
    latest.current = mine;
    void call(endpoint, args, (state, submission) => {
      mine.submission = submission;
      if (latest.current === mine) setJob(state);
    });
  };

  return {
    job,
    run,
    again: () => latest.current && run(latest.current.args),
    cancel: () => void latest.current?.submission?.cancel(),
  };
}
