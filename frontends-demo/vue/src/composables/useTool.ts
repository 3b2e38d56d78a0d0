import { ref } from "vue";
import type { Ref } from "vue";
import type { EndpointName, ParametersOf, ResultOf } from "../desk";
import { happen, newJob } from "../job";
import type { Job } from "../job";
import type { Call } from "../protocol/session";
import { useConnection } from "./useConnection";

/** What the frame of a tool needs of it, whatever it makes. */
export interface Tool<Result = unknown> {
  job: Readonly<Ref<Job<Result>>>;
  again(): void;
  cancel(): void;
}

/** The latest call of an endpoint, and what may be done with it. */
export function useTool<Name extends EndpointName>(endpoint: Name) {
  const { session, lost } = useConnection();
  const job = ref(newJob("ready")) as Ref<Job<ResultOf<Name>>>;
  let args: ParametersOf<Name> | undefined;
  let call: Call | undefined;

  function run(parameters: ParametersOf<Name>): void {
    args = parameters;
    job.value = newJob("waiting");
    const mine = job.value;
    // An older call may go on being told of; it has a job of its own, which is shown no more.
    call = session.value?.call(endpoint, parameters, (happening) => happen(mine, happening));
    if (!call) {
      happen(mine, { kind: "lost" });
      lost();
    }
  }

  return {
    job,
    run,
    again: () => args && run(args),
    cancel: () => void call?.cancel().catch(lost),
  };
}
