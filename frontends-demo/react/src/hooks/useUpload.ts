import { prepare_files } from "@gradio/client";
import type { FileData } from "@gradio/client";
import { useCallback, useState } from "react";
import { useConnection } from "./useConnection";

export interface Upload {
  name: string;
  sent: number; // bytes
  size: number;
}

/** Uploads a file, and says meanwhile how much of it the server has. */
export function useUpload(): [Upload | null, (file: File) => Promise<FileData>] {
  const { client } = useConnection();
  const [upload, setUpload] = useState<Upload | null>(null);

  const send = useCallback(
    async (file: File) => {
      if (!client?.config) throw new Error("There is no connection.");
      const { root, max_file_size } = client.config;
      const id = crypto.getRandomValues(new Uint32Array(2)).join("");
      const state = { name: file.name, sent: 0, size: file.size };
      setUpload(state);
      const route = `${root}${client.api_prefix}/upload_progress?upload_id=${id}`;
      const progress = new EventSource(route, { withCredentials: true });
      progress.onerror = () => progress.close(); // it is only a display
      progress.onmessage = ({ data }) => {
        const { msg, chunk_size } = JSON.parse(data as string); // FILE-045
        if (msg === "done") progress.close();
        if (msg === "update") setUpload({ ...state, sent: (state.sent += chunk_size) });
      };
      try {
        const files = await prepare_files([file]);
        const [uploaded] = (await client.upload(files, root, id, max_file_size)) ?? [];
        if (!uploaded) throw new Error("The server took no file.");
        return uploaded;
      } finally {
        progress.close();
        setUpload(null);
      }
    },
    [client],
  );

  return [upload, send];
}
