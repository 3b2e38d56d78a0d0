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
  const copyOn = ({ url }: Backend) => document.copies.get(url);
  const holders = backends.filter((backend) => copyOn(backend)?.state === "there");
  const sure = names(holders.filter(reachable));
  const perhaps = names(holders.filter((backend) => !reachable(backend)));
  const told = [
    sure ? `On ${sure}` : "On no backend; kept in this page",
    perhaps && `perhaps on ${perhaps}, out of reach`,
  ];
  const text = told.filter(Boolean).join("; ");
  return (
    <p class="copies" aria-label={text} role="group">
      {backends.map((backend) => {
        const copy = copyOn(backend);
        return (
          <span key={backend.url}>
            <Badge backend={backend} faint={copy?.state !== "there" || !reachable(backend)} />
            {copy?.state === "sending" && <small> {Math.round(100 * copy.share)} %</small>}
          </span>
        );
      })}
      <small>{text}</small>
    </p>
  );
}

function reachable({ health: { state } }: Backend): boolean {
  return state === "connected" || state === "degraded";
}

function names(backends: readonly Backend[]): string {
  return backends.map(({ name }) => name).join(", ");
}
