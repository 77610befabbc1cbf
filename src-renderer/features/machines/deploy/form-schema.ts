import { z } from 'zod';
import { machineSpecSchema } from '#shared/contract/machines.ts';
import { keyListSchema } from '../keys/key-text.ts';

const spec = machineSpecSchema.shape;

/**
 * The deploy form: what is typed, checked by the contract's own rules, and turned into what `machines.deploy` takes.
 */
export const deployFormSchema = z.object({
  image: spec.image,
  name: spec.name,
  cpus: spec.cpus.unwrap(),
  memoryMiB: spec.memoryMiB.unwrap(),
  diskMiB: spec.diskMiB.unwrap(),
  sshKeys: keyListSchema,
  userData: spec.userData.unwrap(),
  internet: z.boolean(),
  firewall: spec.firewall.unwrap(),
  autostart: z.boolean(),
});

/** What the form holds while it is filled in. */
export type DeployForm = z.input<typeof deployFormSchema>;
/** What is sent. */
export type DeploySpec = z.output<typeof deployFormSchema>;
