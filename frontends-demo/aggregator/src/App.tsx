import { useEffect, useState } from "preact/hooks";
import { Backends } from "./Backends";
import { Catalogue } from "./Catalogue";
import { Queue } from "./Queue";
import { Shelf } from "./Shelf";
import { Poster, Search, WriteOn } from "./Tools";
import type { Hub } from "./hub";
import { idOf } from "./pieces";

export function App({ hub }: { hub: Hub }) {
  const [, show] = useState(0);
  useEffect(() => hub.subscribe(() => show((times) => times + 1)), [hub]);
  return (
    <>
      <header class="top">
        <h1>Desk</h1>
        <p class="tagline">one page over several backends</p>
        <Connection hub={hub} />
      </header>
      <Ways hub={hub} />
      <main>
        <Backends hub={hub} />
        {!hub.shut && (
          <>
            <div class="column">
              <Shelf hub={hub} />
              <Search hub={hub} />
            </div>
            <div class="column">
              <WriteOn hub={hub} />
              <Poster hub={hub} />
            </div>
            <div class="column">
              <Queue hub={hub} />
              <Catalogue hub={hub} />
            </div>
          </>
        )}
      </main>
    </>
  );
}

/** On a narrow screen the regions stand below each other. */
function Ways({ hub }: { hub: Hub }) {
  if (hub.shut) return null;
  const current = hub.jobs.filter(({ over }) => !over).length;
  return (
    <nav class="ways" aria-label="Regions">
      {["Backends", "Shelf", "Poster", "Queue", "Catalogue"].map((name) => (
        <a key={name} href={`#${idOf(name)}`}>
          {name}
          {name === "Queue" && current > 0 && ` ${current}`}
        </a>
      ))}
    </nav>
  );
}

function Connection({ hub }: { hub: Hub }) {
  const states = hub.backends.map(({ health }) => health.state);
  const there = states.filter((state) => state === "connected" || state === "degraded").length;
  const asked = states.some((state) => state === "connecting" || state === "locked");
  const state = there ? "Connected" : asked ? "Connecting" : "Connection lost";
  return (
    <p class="connection">
      <span role="status" aria-label="Connection" data-state={there ? "connected" : asked ? "connecting" : "down"}>
        {state}
      </span>
      <small>
        {there} of {states.length} {states.length === 1 ? "backend" : "backends"}
      </small>
    </p>
  );
}
