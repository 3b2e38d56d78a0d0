import type { FileData } from "../desk/endpoints";
import { useConnection } from "./useConnection";

/** Tells the URL of a file of an output, which some servers leave to the client. */
export function useFileUrl(): (file: FileData) => string {
  const { client } = useConnection();
  return ({ url, path }) =>
    url ?? `${client?.config?.root}${client?.api_prefix}/file=${encodeURI(path)}`;
}
