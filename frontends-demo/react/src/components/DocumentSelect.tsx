import type { Document } from "../desk/endpoints";

interface Props {
  label: string;
  name: string;
  documents: Document[];
  none: string;
}

export function DocumentSelect({ label, name, documents, none }: Props) {
  return (
    <label className="field">
      <span>{label}</span>
      <select name={name}>
        {documents.length === 0 && <option value="">{none}</option>}
        {documents.map((document) => (
          <option key={document.id} value={document.id}>
            {document.name}
          </option>
        ))}
      </select>
    </label>
  );
}
