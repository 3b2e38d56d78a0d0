import { useState } from "react";
import { marked } from "../desk/marked";
import { useTool } from "../hooks/useTool";
import { ToolFrame } from "./ToolFrame";

export function Search() {
  const tool = useTool("/search");
  const [asked, setAsked] = useState("");
  const run = (form: FormData) => {
    const question = String(form.get("question"));
    setAsked(question);
    tool.run({ question });
  };
  const fields = (
    <label className="field">
      <span>Question</span>
      <input name="question" type="search" autoComplete="off" />
    </label>
  );
  const passages = tool.job.result;
  return (
    <ToolFrame
      name="Search"
      className="search"
      action="Search"
      tool={tool}
      run={run}
      fields={fields}
    >
      {passages?.length === 0 && <p className="nothing">No passage answers that.</p>}
      <ol role="list" aria-label="Passages" className="passages">
        {passages?.map(({ document, text }, index) => (
          <li key={index}>
            <cite>{document}</cite>
            <p lang="">
              {marked(text, asked).map(([piece, found], place) =>
                found ? <mark key={place}>{piece}</mark> : piece,
              )}
            </p>
          </li>
        ))}
      </ol>
    </ToolFrame>
  );
}
