import { computed, reactive, ref, watch } from "vue";
import type { Document, EndpointName, ParametersOf, ResultOf } from "../desk";
import { happen, isActive, newJob } from "../job";
import type { Failure, Job } from "../job";
import { Refused } from "../protocol/http";
import type { Tell } from "../protocol/session";
import { upload } from "../protocol/upload";
import { useConnection } from "./useConnection";

/** A call that failed, with what to tell of it. */
class CallFailed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** The documents of this session, read anew whenever the server may have forgotten them. */
export function useShelf() {
  const { session, epoch, lost } = useConnection();
  const documents = ref<Document[]>([]);
  const previews = reactive(new Map<string, string>()); // id of a picture → object URL
  const sending = ref<{ name: string; sent: number; size: number } | null>(null);
  const notes = ref<string[]>([]);
  const failure = ref<Failure | null>(null);

  /** Calls an endpoint to its end. Raises `CallFailed`. */
  function finish<Name extends EndpointName>(endpoint: Name, args: ParametersOf<Name>) {
    const job: Job<ResultOf<Name>> = newJob("waiting");
    return new Promise<Job<ResultOf<Name>>>((resolve, reject) => {
      const tell: Tell = (happening) => {
        happen(job, happening);
        if (isActive(job)) return;
        if (job.failure) reject(new CallFailed(job.failure));
        else resolve(job);
      };
      if (session.value) session.value.call(endpoint, args, tell);
      else tell({ kind: "lost" });
    });
  }

  async function read(): Promise<void> {
    documents.value = (await finish("/shelf", {})).result ?? [];
  }

  async function shelve(file: File): Promise<void> {
    if (!session.value) throw new Error("There is no connection.");
    const { api, config } = session.value;
    const limit = config.max_file_size;
    if (limit !== null && file.size > limit) throw new Refused(413, "The file is too large.");
    sending.value = { name: file.name, sent: 0, size: file.size };
    const uploaded = await upload(api, file, (sent) => {
      if (sending.value) sending.value.sent = sent;
    }).finally(() => (sending.value = null));
    const { result, notes: told } = await finish("/shelve", { file: uploaded });
    notes.value.push(...told);
    if (result?.kind === "picture") previews.set(result.id, URL.createObjectURL(file));
    await read();
  }

  async function empty(): Promise<void> {
    await finish("/empty_shelf", {});
    for (const url of previews.values()) URL.revokeObjectURL(url);
    previews.clear();
    await read();
  }

  async function telling(work: () => Promise<void>): Promise<void> {
    notes.value = [];
    failure.value = null;
    try {
      await work();
    } catch (error) {
      failure.value = whatToTell(error as Error);
      if (!(error instanceof CallFailed || error instanceof Refused)) lost();
    }
  }

  // A shelf that cannot be read is read again with the next epoch.
  watch(epoch, () => void read().catch(() => undefined), { immediate: true });

  return {
    documents,
    texts: computed(() => documents.value.filter(({ kind }) => kind === "text")),
    pictures: computed(() => documents.value.filter(({ kind }) => kind === "picture")),
    previews,
    sending,
    notes,
    failure,
    add: (files: Iterable<File>) =>
      telling(async () => {
        for (const file of files) await shelve(file);
      }),
    empty: () => telling(empty),
  };
}

function whatToTell(error: Error): Failure {
  if (error instanceof CallFailed) return error.failure;
  const title = "The upload failed";
  const tooLarge = error instanceof Refused && error.status === 413;
  return { title, message: tooLarge ? "The file is too large." : error.message, again: false };
}
