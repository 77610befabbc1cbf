import { z } from 'zod';
import { sshKeySchema } from '#shared/contract/machines.ts';
import { shortId } from '../../../lib/format.ts';

/** Public keys, one a line, as `authorized_keys` has them; empty lines and comments are passed over. */
export function keyLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/**
 * What is typed as keys, turned into a list. Issues are names of texts (`keys.wrongLine:2`) and name the line of the key that is
 * wrong, because a person who pasted four wants to know which.
 */
export const keyListSchema = z.string().transform((text, context) => {
  const lines = keyLines(text);
  if (lines.length > 32) context.addIssue({ code: 'custom', message: 'keys.tooMany' });
  lines.forEach((line, i) => {
    if (sshKeySchema.safeParse(line).success) return;
    const secret = /PRIVATE KEY/.test(line);
    const message = secret ? 'keys.private' : lines.length === 1 ? 'keys.wrong' : `keys.wrongLine:${i + 1}`;
    context.addIssue({ code: 'custom', message });
  });
  return lines;
});

/** A key as a person knows it: its comment, and enough of it to tell it from others. */
export function keyWords(key: string): { name: string; short: string } {
  const [kind = '', body = '', ...comment] = key.split(' ');
  return { name: comment.join(' '), short: `${kind} ${shortId(body, 8, 8)}` };
}

export interface KeyState {
  readonly key: string;
  /** `now`: lets in. `next`: will from the next start on. `until`: does until then. */
  readonly state: 'now' | 'next' | 'until';
}

/** Each key of a machine once, with what it does: those asked for, then those that only the running machine still takes. */
export function keyStates(wanted: readonly string[], running: readonly string[] | null): KeyState[] {
  return [
    ...wanted.map((key) => ({ key, state: running === null || running.includes(key) ? 'now' : 'next' }) as const),
    ...(running ?? []).filter((key) => !wanted.includes(key)).map((key) => ({ key, state: 'until' }) as const),
  ];
}
