import type { Entry } from "./catalogue";
import type { Hub } from "./hub";
import { STRANGER, TRAITS } from "./endpoints";
import { Badge, Region } from "./pieces";

export function Catalogue({ hub }: { hub: Hub }) {
  const entries = hub.catalogue;
  const differing = entries.filter(({ variants }) => variants.length > 1).length;
  const told = differing ? `${differing} with differing signatures` : entries.length ? "all signatures agree" : "";
  return (
    <Region name="Catalogue" class="catalogue" aside={<p class="aside">{told}</p>}>
      {entries.length === 0 && <p class="soft">No backend has told its endpoints yet.</p>}
      <ul class="rows">
        {entries.map((entry) => (
          <Row key={entry.name} hub={hub} entry={entry} />
        ))}
      </ul>
    </Region>
  );
}

function Row({ hub, entry }: { hub: Hub; entry: Entry }) {
  const { name, description, variants, differences, backends } = entry;
  const { idempotent } = TRAITS[name] ?? STRANGER;
  const described = hub.backends.filter(({ config }) => config);
  const lacking = described.filter(({ url }) => !backends.includes(url));
  return (
    <li aria-label={name} data-differs={variants.length > 1 || undefined}>
      <p class="entry">
        <code class="name">{name}</code>
        <span class="offers">
          {hub.backends.filter(({ url }) => backends.includes(url)).map((backend) => (
            <Badge key={backend.url} backend={backend} />
          ))}
        </span>
        {!idempotent && <span class="tag">not moved</span>}
        {variants.length > 1 && <span class="tag warn">signatures differ</span>}
      </p>
      {description && <p class="soft">{description}</p>}
      {variants.map(({ signature, backends: having }) => (
        <p class="variant" key={signature + having.join()}>
          {variants.length > 1 &&
            hub.backends.filter(({ url }) => having.includes(url)).map((backend) => <Badge key={backend.url} backend={backend} />)}
          <code>{signature}</code>
        </p>
      ))}
      {differences.length > 0 && <p class="warn-text">{differences.join("; ")}</p>}
      {lacking.length > 0 && <p class="soft">Not on {lacking.map((backend) => backend.name).join(", ")}</p>}
    </li>
  );
}
