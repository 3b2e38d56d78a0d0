import { useRef, useState } from "react";
import { READY } from "../desk/job";
import type { Job, Submission } from "../desk/job";
import { useCall } from "./useCall";

export interface Tool<Result> {
  job: Job<Result>;
  run(args: object): void;
  again(): void;
  cancel(): void;
}

/** One tool: its latest call of an endpoint, and what may be done with it. */
export function useTool<Result>(endpoint: string): Tool<Result> {
  const call = useCall();
  const [job, setJob] = useState<Job<Result>>(READY);
  const latest = useRef<{ args: object; submission: Submission | null }>(null);

  const run = (args: object) => {
    const mine = { args, submission: null as Submission | null };
    latest.current = mine;
    void call<Result>(endpoint, args, (state, submission) => {
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
