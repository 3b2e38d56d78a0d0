import { useId, useState } from "react";
import type { ChangeEvent, DragEvent } from "react";
import type { Document } from "../desk/endpoints";
import { extent, fileSize } from "../desk/format";
import type { Shelf as Contents } from "../hooks/useShelf";
import { Alert, Notes } from "./Messages";
import { ProgressBar } from "./ProgressBar";

const KINDS = ".txt,.md,text/plain,text/markdown,image/png,image/jpeg,image/webp,image/gif";

export function Shelf({ shelf }: { shelf: Contents }) {
  const { documents, previews, upload, failure, notes } = shelf;
  const [over, setOver] = useState(false);
  const [heading, input, hint] = [useId(), useId(), useId()];

  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const files = [...(event.currentTarget.files ?? [])];
    event.currentTarget.value = ""; // so that the same file can be chosen again
    void shelf.add(files);
  };
  const drag = (event: DragEvent) => {
    event.preventDefault();
    setOver(event.type === "dragover");
    if (event.type === "drop") void shelf.add([...event.dataTransfer.files]);
  };

  return (
    <section
      className="shelf"
      aria-labelledby={heading}
      data-over={over}
      onDragOver={drag}
      onDragLeave={drag}
      onDrop={drag}
    >
      <header>
        <h2 id={heading}>Shelf</h2>
        <button
          type="button"
          className="quiet"
          disabled={documents.length === 0}
          onClick={() => void shelf.empty()}
        >
          Empty the shelf
        </button>
      </header>
      <ul role="list">
        {documents.map((document) => (
          <Card key={document.id} document={document} preview={previews.get(document.id)} />
        ))}
      </ul>
      <div className="add">
        <input id={input} type="file" multiple accept={KINDS} aria-describedby={hint} onChange={choose} />
        <label htmlFor={input}>Add a file</label>
        <p id={hint}>Texts (.txt, .md) and pictures; or drop them here.</p>
        {upload && (
          <ProgressBar
            label="Upload"
            value={upload.sent ? Math.min(upload.sent, upload.size) : null}
            max={upload.size}
            text={`${upload.name}, ${fileSize(upload.size)}`}
          />
        )}
      </div>
      <Alert failure={failure && { ...failure, again: false }} />
      <Notes notes={notes} />
    </section>
  );
}

function Card({ document, preview }: { document: Document; preview: string | undefined }) {
  const { name, kind, excerpt } = document;
  return (
    <li className={`card ${kind}`}>
      {kind === "text" && <blockquote lang="">{excerpt}</blockquote>}
      {kind === "picture" && preview && <img src={preview} alt={`Preview of ${name}`} />}
      {kind === "picture" && !preview && <p className="plate">{excerpt}</p>}
      <strong>{name}</strong>
      <small>{extent(document)}</small>
    </li>
  );
}
