import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Passage } from "./endpoints";
import type { Hub, Shelved, Tool } from "./hub";
import type { Job } from "./jobs";
import { JobBar, Region, Trail, stateOf } from "./pieces";

const MAY_RUN_AGAIN = new Set(["lost", "unknown", "busy", "nowhere"]);

export function WriteOn({ hub }: { hub: Hub }) {
  const texts = hub.documents.filter(({ card }) => card.kind === "text");
  const job = hub.shown.write_on;
  const start = (form: FormData) => {
    const chosen = texts.find(({ card }) => card.id === form.get("document"));
    if (chosen) hub.writeOn(chosen, String(form.get("beginning")), Number(form.get("words")), Number(form.get("seed")));
  };
  const fields = (
    <>
      <Choice label="Text" name="document" documents={texts} />
      <label class="wide">
        Beginning <input name="beginning" autocomplete="off" />
      </label>
      <label>
        Words <input name="words" type="number" min={1} max={2000} defaultValue="120" required />
      </label>
      <label>
        Seed <input name="seed" type="number" defaultValue="1" required />
      </label>
    </>
  );
  return (
    <Frame hub={hub} tool="write_on" name="Write on" action="Write" able={texts.length > 0} start={start} fields={fields}>
      <div class="written" role="group" aria-label="Written text" aria-live="off">
        {typeof job?.data?.[0] === "string" ? job.data[0] : ""}
      </div>
    </Frame>
  );
}

export function Search({ hub }: { hub: Hub }) {
  const passages = hub.shown.search?.data?.[0];
  const start = (form: FormData) => hub.search(String(form.get("question")));
  const fields = (
    <label class="wide">
      Question <input name="question" type="search" />
    </label>
  );
  return (
    <Frame hub={hub} tool="search" name="Search" action="Search" able start={start} fields={fields}>
        <ol class="passages" aria-label="Passages">
          {(Array.isArray(passages) ? (passages as Passage[]) : []).map(({ document, text, score }, index) => (
            <li key={index}>
              <p class="soft">
                {document} <span class="score">{score.toFixed(1)}</span>
              </p>
              <p>{text}</p>
            </li>
          ))}
        </ol>
    </Frame>
  );
}

export function Poster({ hub }: { hub: Hub }) {
  const pictures = hub.documents.filter(({ card }) => card.kind === "picture");
  const job = hub.shown.poster;
  const { url, kept, name, palette } = hub.posterOf(job);
  const start = (form: FormData) => {
    const chosen = pictures.find(({ card }) => card.id === form.get("picture"));
    if (chosen) hub.poster(chosen, Number(form.get("colours")));
  };
  const fields = (
    <>
      <Choice label="Picture" name="picture" documents={pictures} />
      <label>
        Colours <input name="colours" type="number" min={1} max={16} defaultValue="6" required />
      </label>
    </>
  );
  return (
    <Frame hub={hub} tool="poster" name="Poster" action="Make a poster" able={pictures.length > 0} start={start} fields={fields}>
        {palette.length > 0 && (
          <ul class="palette" aria-label="Palette">
            {palette.map((colour) => (
              <li key={colour}>
                <i style={{ background: colour }} /> {colour}
              </li>
            ))}
          </ul>
        )}
        {url && <img class="poster" src={url} alt="Poster" />}
        {url && kept && (
          <a href={url} download={name}>
            Download the poster
          </a>
        )}
    </Frame>
  );
}

function Frame({ hub, tool, name, action, able, start, fields, children }: {
  hub: Hub;
  tool: Tool;
  name: string;
  action: string;
  able: boolean;
  start: (form: FormData) => void;
  fields: ComponentChildren;
  /** The result. */
  children: ComponentChildren;
}) {
  const job = hub.shown[tool];
  return (
    <Region name={name} class="tool" aside={job && <Where hub={hub} job={job} />}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          start(new FormData(event.currentTarget as HTMLFormElement));
        }}
      >
        {fields}
        <p class="actions">
          <button type="submit" disabled={!able}>
            {action}
          </button>
          {job && !job.over && (
            <button type="button" class="quiet" disabled={job.stop} onClick={() => job.cancel()}>
              Cancel
            </button>
          )}
          <span role="status" class="state" data-state={job?.state ?? "ready"}>
            {job ? stateOf(job) : "Ready"}
          </span>
        </p>
        {job && <JobBar job={job} name="Progress" />}
        {job?.notes.map(({ level, text }, index) => (
          <p key={index} role="note" class="note" data-level={level}>
            {text}
          </p>
        ))}
        {job?.over && job.error && (
          <p role="alert" class="alert">
            {job.error.title && <b>{job.error.title}</b>} {job.error.message}{" "}
            {MAY_RUN_AGAIN.has(job.state) && (
              <button type="button" class="quiet" onClick={() => hub.again(tool, job)}>
                Run again
              </button>
            )}
          </p>
        )}
      </form>
      {children}
    </Region>
  );
}

/** Keeps what was chosen as long as it is there; the newest document otherwise. */
function Choice({ label, name, documents }: { label: string; name: string; documents: readonly Shelved[] }) {
  const [chosen, choose] = useState("");
  const value = documents.some(({ card }) => card.id === chosen) ? chosen : (documents.at(-1)?.card.id ?? "");
  return (
    <label class="wide">
      {label}{" "}
      <select name={name} value={value} disabled={documents.length === 0} onChange={(event) => choose(event.currentTarget.value)}>
        {documents.length === 0 && <option value="">Nothing on the shelf yet</option>}
        {documents.map(({ card }) => (
          <option key={card.id} value={card.id} selected={card.id === value}>
            {card.name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Where the call runs, and where it has been. */
function Where({ hub, job }: { hub: Hub; job: Job }) {
  return (
    <p class="aside">
      Job {job.number} <Trail job={job} backends={hub.backends} />
    </p>
  );
}
