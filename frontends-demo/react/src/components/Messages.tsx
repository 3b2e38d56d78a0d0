import type { Failure } from "../desk/job";

export function Notes({ notes }: { notes: string[] }) {
  return (
    <div aria-live="polite">
      {notes.map((note, index) => (
        <p key={index} role="note" className="note">
          {note}
        </p>
      ))}
    </div>
  );
}

export function Alert({ failure, again }: { failure: Failure | null; again?: () => void }) {
  if (!failure) return null;
  return (
    <div role="alert" className="alert">
      {failure.title && <strong>{failure.title}</strong>}
      <p>{failure.message}</p>
      {failure.again && again && (
        <button type="button" className="secondary" onClick={again}>
          Run again
        </button>
      )}
    </div>
  );
}
