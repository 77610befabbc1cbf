import { z } from 'zod';
import { firewallRuleSchema } from '../../model/firewall-rule.ts';
import { contactIdSchema } from '../../model/ids.ts';

/** Somebody an opening is for, as things are now. */
export const openingPeerSchema = z.object({
  /** As the rule writes it: an address, a prefix, or a name; `@ID` for a contact who is not known by a name now. */
  text: z.string(),
  kind: z.enum(['address', 'contact', 'device']),
  /** For a contact: who, whatever they are called. */
  contact: contactIdSchema.nullable(),
  /** What you call the contact; null for others, and before the first unlock. */
  petname: z.string().nullable(),
  /**
   * `in`: let in. `blocked`, `gone`: a contact who is, and is not let in. `nowhere`: nobody has this name any more, or no device of theirs is
   * known; nobody is let in by it until one is.
   */
  state: z.enum(['in', 'blocked', 'gone', 'nowhere']),
  /** Whom that lets in now, as addresses of the mesh. */
  addresses: z.array(z.string()),
});
export type OpeningPeer = z.infer<typeof openingPeerSchema>;

/** One opening of a machine's firewall on the mesh, with who is meant by it now. */
export const openingSchema = z.object({
  /** As it is written, with the names of today; this closes it. */
  rule: firewallRuleSchema,
  /** Who is let in, in a few words. */
  who: z.string(),
  /** Everybody on the mesh, strangers too. */
  everybody: z.boolean(),
  /** Empty for everybody by no prefix of their own. */
  peers: z.array(openingPeerSchema),
});
export type Opening = z.infer<typeof openingSchema>;

/** What of a machine can be reached over the mesh, and by whom. All else is closed. */
export const reachSchema = z.object({
  /** `on`: it gets an address there; `off`: this device has not joined, so nobody reaches it until then; `without`: it gets no card for the mesh. */
  state: z.enum(['on', 'off', 'without']),
  /** All of it in plain words: what is open to whom, and that all else is closed. */
  text: z.string(),
  openings: z.array(openingSchema),
});
export type Reach = z.infer<typeof reachSchema>;
