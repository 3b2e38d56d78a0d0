import type { Document } from "../desk/endpoints";
import { useFileUrl } from "../hooks/useFileUrl";
import { useTool } from "../hooks/useTool";
import { DocumentSelect } from "./DocumentSelect";
import { ToolFrame, numberOf } from "./ToolFrame";

export function Poster({ pictures }: { pictures: Document[] }) {
  const tool = useTool("/poster");
  const run = (form: FormData) =>
    tool.run({
      picture: String(form.get("picture") ?? ""),
      colours: numberOf(form, "colours"),
    });
  const urlOf = useFileUrl();
  const [file, palette] = tool.job.result ?? [null, []];
  const url = file && urlOf(file);
  const fields = (
    <>
      <DocumentSelect
        label="Picture"
        name="picture"
        documents={pictures}
        none="No picture on the shelf"
      />
      <label className="field number">
        <span>Colours</span>
        <input name="colours" type="number" min={1} max={16} defaultValue={6} />
      </label>
    </>
  );
  return (
    <ToolFrame
      name="Poster"
      className="poster"
      action="Make a poster"
      tool={tool}
      run={run}
      fields={fields}
    >
      {url && <img className="proof" src={url} alt="Poster" />}
      <ul role="list" aria-label="Palette" className="palette">
        {palette.map((code, index) => (
          <li key={index}>
            <span style={{ background: code }} />
            <code>{code}</code>
          </li>
        ))}
      </ul>
      {url && tool.job.phase === "done" && (
        <a className="download" href={url} download={file.orig_name ?? "poster.png"}>
          Download the poster
        </a>
      )}
    </ToolFrame>
  );
}
