interface Props {
  label: string;
  value: number | null; // null: not known
  max: number;
  text: string;
}

export function ProgressBar({ label, value, max, text }: Props) {
  const known = value === null ? {} : { "aria-valuenow": value, "aria-valuetext": text };
  return (
    <div className="progress">
      <div role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={max} {...known}>
        <span style={value === null ? {} : { inlineSize: `${(100 * value) / max}%` }} />
      </div>
      <p aria-hidden="true">{text}</p>
    </div>
  );
}
