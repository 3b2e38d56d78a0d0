import type { Backend } from "./backend";
import type { Hub, Shelved } from "./hub";
import { Badge, Bar, Region, size } from "./pieces";

const ACCEPTED = ".txt,.md,image/png,image/jpeg,image/webp,image/gif";

export function Shelf({ hub }: { hub: Hub }) {
  const add = async (files: FileList | null) => {
    for (const file of files ?? []) await hub.addFile(file);
  };
  const aside = (
    <button type="button" class="quiet" disabled={hub.documents.length === 0} onClick={() => void hub.emptyShelf()}>
      Empty the shelf
    </button>
  );
  return (
    <Region name="Shelf" class="shelf" aside={aside}>
      <label class="file">
        <span>Add a file</span>
        <input
          type="file"
          multiple
          accept={ACCEPTED}
          onChange={(event) => {
            const input = event.currentTarget;
            void add(input.files).finally(() => (input.value = ""));
          }}
        />
      </label>
      {hub.incoming.map((one) =>
        one.error ? (
          <p key={one.name} role="alert" class="alert">
            <b>{one.error.title}</b> {one.error.message}
          </p>
        ) : (
          <div key={one.name} class="incoming">
            <span>{one.name}</span>
            <Bar name="Upload" value={100 * one.share} max={100} />
          </div>
        ),
      )}
      {hub.shelfNotes.map((text) => (
        <p key={text} role="note" class="note">
          {text}
        </p>
      ))}
      {hub.documents.length === 0 && (
        <p class="soft">Texts to go on writing and to search, pictures to make posters of. This page keeps them and brings them to the backends that need them.</p>
      )}
      <ul class="documents" aria-label="Documents">
        {hub.documents.map((document) => (
          <Item key={document.card.id} document={document} backends={hub.backends} />
        ))}
      </ul>
    </Region>
  );
}

function Item({ document, backends }: { document: Shelved; backends: readonly Backend[] }) {
  const { card, preview } = document;
  const measure = card.kind === "text" ? `${card.words} words` : `${card.width} × ${card.height}`;
  return (
    <li>
      {preview && <img src={preview} alt={`Preview of ${card.name}`} />}
      <div>
        <p class="title">{card.name}</p>
        {card.kind === "text" && <p class="excerpt">{card.excerpt}</p>}
        <p class="soft">
          {measure} · {size(card.size)}
        </p>
        <Copies document={document} backends={backends} />
      </div>
    </li>
  );
}

/** Where the document is: filled badge there, hollow not there, a share while it is sent. */
function Copies({ document, backends }: { document: Shelved; backends: readonly Backend[] }) {
  const there = backends.filter(({ url }) => document.copies.get(url)?.state === "there");
  const told = there.length ? `On ${there.map(({ name }) => name).join(", ")}` : "On no backend; kept in this page";
  return (
    <p class="copies" aria-label={told} role="group">
      {backends.map((backend) => {
        const copy = document.copies.get(backend.url);
        return (
          <span key={backend.url} title={`${backend.name}: ${copy ? copy.state : "no copy"}`}>
            <Badge backend={backend} faint={copy?.state !== "there"} />
            {copy?.state === "sending" && <small> {Math.round(100 * copy.share)} %</small>}
          </span>
        );
      })}
      <small class="soft">{told}</small>
    </p>
  );
}
