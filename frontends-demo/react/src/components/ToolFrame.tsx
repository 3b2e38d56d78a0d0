import { useId } from "react";
import type { FormEvent, ReactNode } from "react";
import { isActive, spoken } from "../desk/job";
import type { Tool } from "../hooks/useTool";
import { Alert, Notes } from "./Messages";
import { ProgressBar } from "./ProgressBar";

interface Props {
  name: string;
  className: string;
  action: string;
  tool: Tool;
  run(form: FormData): void;
  fields: ReactNode;
  children: ReactNode;
}

/** What the tools share: a form, where the call is, how far it has got, what went wrong. */
export function ToolFrame({ name, className, action, tool, run, fields, children }: Props) {
  const { job, again, cancel } = tool;
  const heading = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    run(new FormData(event.currentTarget));
  };
  return (
    <section className={`tool ${className}`} aria-labelledby={heading} data-phase={job.phase}>
      <header>
        <h2 id={heading}>{name}</h2>
        <p role="status">{spoken(job)}</p>
      </header>
      {/* The server judges the values: its reasons are better than a browser's. */}
      <form onSubmit={submit} noValidate>
        {fields}
        <div className="actions">
          <button type="submit" className="primary">
            {action}
          </button>
          {isActive(job) && (
            <button type="button" className="secondary" onClick={cancel}>
              Cancel
            </button>
          )}
        </div>
      </form>
      {job.progress && <ProgressBar label="Progress" {...job.progress} />}
      <Alert failure={job.failure} again={again} />
      <Notes notes={job.notes} />
      {children}
    </section>
  );
}

/** The number in a field; undefined if it has none. */
export function numberOf(form: FormData, name: string): number | undefined {
  const text = String(form.get(name) ?? "").trim();
  return text === "" ? undefined : Number(text);
}
