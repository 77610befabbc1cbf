import { Fragment } from 'react';

export interface MarkedProps {
  text: string;
  /** Pieces to bring out (UTF-16 units, end exclusive), ascending. */
  marks: readonly (readonly [number, number])[];
}

/** A text in which what was looked for stands out: by its ground and by its weight, and to screen readers as a mark. */
export function Marked({ text, marks }: MarkedProps) {
  const parts: { at: number; plain: string; marked: string }[] = [];
  let at = 0;
  for (const [start, end] of marks) {
    if (start < at || end > text.length) continue;
    parts.push({ at, plain: text.slice(at, start), marked: text.slice(start, end) });
    at = end;
  }
  return (
    <>
      {parts.map((part) => (
        <Fragment key={part.at}>
          {part.plain}
          <mark className="rounded-xs bg-accent-soft font-medium text-ink">{part.marked}</mark>
        </Fragment>
      ))}
      {text.slice(at)}
    </>
  );
}
