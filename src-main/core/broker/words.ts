import type { AnyMethod } from '#shared/rpc/contract.ts';

const maxSummary = 300;
/** Of one argument: what a person would still read, such as a script that a new machine runs. */
const maxValue = 4000;
const maxLines = 60;

/**
 * The arguments as shown in a consent question: by name, secrets and bytes left out, long values cut in the middle. Only line
 * feeds and tabs stay what they are; whoever shows a value sees to it that its further lines are not taken for others' words.
 */
export function shownArguments(spec: AnyMethod, input: unknown): { name: string; value: string }[] {
  if (typeof input !== 'object' || input === null) return [];
  const secret = new Set<string>(spec.secret ?? []);
  return Object.entries(input)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ name, value: secret.has(name) ? '(secret)' : shown(value) }));
}

function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  const text = typeof value === 'string' ? value : JSON.stringify(value, plain);
  const visible = text.replaceAll('\r\n', '\n').replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, visibly);
  return cutLines(cut(visible, text.length, maxValue));
}

/** So that no value pushes the rest of the question out of sight. */
function cutLines(text: string): string {
  const lines = text.split('\n');
  if (lines.length <= maxLines) return text;
  const half = maxLines / 2;
  return [...lines.slice(0, half), `… (${lines.length} lines)`, ...lines.slice(-half)].join('\n');
}

/** Invisible and direction-changing characters could make words read as something else; so could half a character. */
const visibly = (c: string): string => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`;

/** What JSON has no word for. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return typeof value === 'bigint' ? String(value) : value;
}

/**
 * The call in one line, as the person, the activity log and the task list show it. The joiners that Persian, Indic
 * scripts and emoji are written with stay.
 */
export function summaryOf(spec: AnyMethod, input: unknown): string {
  const text = spec.summary(input);
  return cut(text.replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, visibly), text.length, maxSummary);
}

function cut(visible: string, length: number, most: number): string {
  if (visible.length <= most) return visible;
  return `${visible.slice(0, most / 2)} … ${visible.slice(-most / 2)} (${length} characters)`.toWellFormed();
}

/** Words of these methods name the person's files, or the people they know: held back while locked. */
export const namesFiles = (method: string): boolean => /^(vault|contacts|deals)\./.test(method);

/** What undoing means for this method, in one sentence. */
export function undoWords(spec: AnyMethod): string {
  if (spec.undo === undefined) return 'It only reads.';
  return 'never' in spec.undo ? `Cannot be undone: ${spec.undo.never}` : 'Can be undone in Activity.';
}

/** The input of a call that is no secret and has no bytes, for "try again"; null when a secret was given, or is always needed. */
export function publicInput(spec: AnyMethod, input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return null;
  const given = input as Record<string, unknown>;
  if (spec.secret?.some((key) => given[key] !== undefined)) return null;
  if (Object.values(input).some((v) => v instanceof Uint8Array)) return null;
  return input;
}
