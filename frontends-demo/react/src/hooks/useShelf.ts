import { useCallback, useEffect, useState } from "react";
import type { Document } from "../desk/endpoints";
import type { Failure } from "../desk/job";
import { useCall } from "./useCall";
import { useConnection } from "./useConnection";
import { useUpload } from "./useUpload";
import type { Upload } from "./useUpload";

export interface Shelf {
  documents: Document[];
  previews: ReadonlyMap<string, string>; // id of a picture → object URL
  upload: Upload | null;
  busy: boolean;
  notes: string[];
  failure: Failure | null;
  add(files: Iterable<File>): Promise<void>;
  empty(): Promise<void>;
}

/** The documents of this session, read anew whenever the server may have forgotten them. */
export function useShelf(): Shelf {
  const call = useCall();
  const { client, connection, epoch } = useConnection();
  const [upload, send] = useUpload();
  const [documents, setDocuments] = useState<Document[]>([]);
  const [previews, setPreviews] = useState<ReadonlyMap<string, string>>(new Map());
  const [busy, setBusy] = useState(false);
  const [notes, setNotes] = useState<string[]>([]);
  const [failure, setFailure] = useState<Failure | null>(null);

  const read = useCallback(async () => {
    const { result } = await call("/shelf", {});
    if (result) setDocuments(result);
  }, [call]);

  useEffect(() => {
    if (client) void read();
  }, [client, epoch, read]);

  const shelve = async (file: File) => {
    const job = await call("/shelve", { file: await send(file) });
    setNotes((known) => [...known, ...job.notes]);
    const { result, failure } = job;
    if (failure || !result) throw new CallFailed(failure);
    if (result.kind === "picture") {
      setPreviews((known) => new Map(known).set(result.id, URL.createObjectURL(file)));
    }
    await read();
  };

  const empty = async () => {
    const { failure } = await call("/empty_shelf", {});
    if (failure) throw new CallFailed(failure);
    previews.forEach((url) => URL.revokeObjectURL(url));
    setPreviews(new Map());
    await read();
  };

  const occupied = async (work: () => Promise<void>) => {
    setBusy(true);
    setNotes([]);
    setFailure(null);
    try {
      await work();
    } catch (error) {
      setFailure(error instanceof CallFailed ? error.failure : uploadFailure(error as Error));
      if (isBroken(error as Error)) connection.lost();
    } finally {
      setBusy(false);
    }
  };

  return {
    documents,
    previews,
    upload,
    busy,
    notes,
    failure,
    add: (files) =>
      occupied(async () => {
        for (const file of files) await shelve(file);
      }),
    empty: () => occupied(empty),
  };
}

class CallFailed extends Error {
  constructor(readonly failure: Failure | null) {
    super(failure?.message);
  }
}

/** The client's words for a request that got no answer. */
const isBroken = ({ message }: Error) => message.startsWith("Connection errored out");

function uploadFailure(error: Error): Failure {
  const title = "The upload failed";
  if (isBroken(error)) return { title, message: "The connection was lost.", again: true };
  const [, status, body = ""] = /^HTTP (\d+): (.*)$/s.exec(error.message) ?? [];
  if (status === "413") return { title, message: "The file is too large.", again: false };
  return { title, message: status ? `${status} ${body}` : error.message, again: false };
}
