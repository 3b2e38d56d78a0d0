import type { Document } from "../desk/endpoints";
import { useTool } from "../hooks/useTool";
import { DocumentSelect } from "./DocumentSelect";
import { ToolFrame, numberOf } from "./ToolFrame";

export function WriteOn({ texts }: { texts: Document[] }) {
  const tool = useTool("/write_on");
  const run = (form: FormData) =>
    tool.run({
      document: String(form.get("document") ?? ""),
      beginning: String(form.get("beginning")),
      words: numberOf(form, "words"),
    });
  const fields = (
    <>
      <DocumentSelect label="Text" name="document" documents={texts} none="No text on the shelf" />
      <label className="field">
        <span>Beginning</span>
        <input name="beginning" autoComplete="off" />
      </label>
      <label className="field number">
        <span>Words</span>
        <input name="words" type="number" min={1} max={2000} defaultValue={60} />
      </label>
    </>
  );
  return (
    <ToolFrame
      name="Write on"
      className="write-on"
      action="Write"
      tool={tool}
      run={run}
      fields={fields}
    >
      <div
        role="group"
        aria-label="Written text"
        aria-live="off"
        className="written"
        lang=""
        data-placeholder="Pick a text: what follows will sound like it."
      >
        {tool.job.result}
      </div>
    </ToolFrame>
  );
}
