import { z } from 'zod';
import { machineSpecSchema, sshKeySchema } from '#shared/contract/machines.ts';

const spec = machineSpecSchema.shape;

/** Public keys, one a line, as `authorized_keys` has them; empty lines and comments are passed over. */
export function keyLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/**
 * The deploy form: what is typed, checked by the contract's own rules, and turned into what `machines.deploy` takes.
 * Issues name the line of the key that is wrong, because a person who pasted four wants to know which.
 */
export const deployFormSchema = z.object({
  image: spec.image,
  name: spec.name,
  cpus: spec.cpus.unwrap(),
  memoryMiB: spec.memoryMiB.unwrap(),
  diskMiB: spec.diskMiB.unwrap(),
  sshKeys: z.string().transform((text, context) => {
    const lines = keyLines(text);
    if (lines.length > 32) context.addIssue({ code: 'custom', message: 'keys.tooMany' });
    lines.forEach((line, i) => {
      if (sshKeySchema.safeParse(line).success) return;
      const secret = /PRIVATE KEY/.test(line);
      const message = secret ? 'keys.private' : lines.length === 1 ? 'keys.wrong' : `keys.wrongLine:${i + 1}`;
      context.addIssue({ code: 'custom', message });
    });
    return lines;
  }),
  userData: spec.userData.unwrap(),
  internet: z.boolean(),
  autostart: z.boolean(),
});

/** What the form holds while it is filled in. */
export type DeployForm = z.input<typeof deployFormSchema>;
/** What is sent. */
export type DeploySpec = z.output<typeof deployFormSchema>;
