import { z } from 'zod';
import { fail } from '#shared/rpc/fail.ts';

/**
 * QMP's wire form: one JSON object a line, from QEMU ended by CR LF (QEMU docs/interop/qmp-spec). The four shapes are
 * a greeting, an answer, a failure and an event.
 */
const greetingSchema = z.object({ QMP: z.object({ version: z.unknown(), capabilities: z.array(z.unknown()) }) });
const answerSchema = z.object({ return: z.unknown(), id: z.union([z.number(), z.string()]).optional() });
const failureSchema = z.object({
  error: z.object({ class: z.string(), desc: z.string() }),
  id: z.union([z.number(), z.string()]).optional(),
});
const eventSchema = z.object({ event: z.string(), data: z.record(z.string(), z.unknown()).optional() });

export type QmpMessage =
  | { readonly kind: 'greeting' }
  | { readonly kind: 'answer'; readonly id: number | string | undefined; readonly value: unknown }
  | {
      readonly kind: 'failure';
      readonly id: number | string | undefined;
      readonly class: string;
      readonly text: string;
    }
  | { readonly kind: 'event'; readonly name: string; readonly data: Record<string, unknown> };

/** A line longer than this is no QMP of ours (the longest answer seen, query-qmp-schema, is about 1 MiB). */
const longestLine = 8 * 1024 * 1024;

const damaged = (why: string) => fail('INTERNAL', `QEMU's control socket sent something else than QMP: ${why}.`);

/** Turn bytes into messages as lines are complete. Throws a Fail for anything malformed; the decoder is then used up. */
export function createQmpDecoder(limit = longestLine): { push(bytes: Uint8Array): QmpMessage[] } {
  const decoder = new TextDecoder('utf-8', { fatal: false });
  let pending = '';
  return {
    push(bytes) {
      pending += decoder.decode(bytes, { stream: true });
      const messages: QmpMessage[] = [];
      for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
        const line = pending.slice(0, end).trim();
        pending = pending.slice(end + 1);
        if (line !== '') messages.push(decodeLine(line));
      }
      if (pending.length > limit) throw damaged('a line without end');
      return messages;
    },
  };
}

function decodeLine(line: string): QmpMessage {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw damaged('a line that is not JSON');
  }
  const event = eventSchema.safeParse(value);
  if (event.success) return { kind: 'event', name: event.data.event, data: event.data.data ?? {} };
  const failure = failureSchema.safeParse(value);
  if (failure.success) {
    return { kind: 'failure', id: failure.data.id, class: failure.data.error.class, text: failure.data.error.desc };
  }
  if (greetingSchema.safeParse(value).success) return { kind: 'greeting' };
  const answer = answerSchema.safeParse(value);
  if (answer.success && typeof value === 'object' && value !== null && 'return' in value) {
    return { kind: 'answer', id: answer.data.id, value: answer.data.return };
  }
  throw damaged('an object of no known shape');
}
