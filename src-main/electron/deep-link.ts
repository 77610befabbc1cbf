import { z } from 'zod';

/** Things a link may point at. A link only ever shows; what it asks for is done by the person afterwards. */
const openSchema = z.object({
  kind: z.literal('open'),
  type: z.enum(['file', 'machine', 'task', 'activity', 'settings', 'identity']),
  id: z.string().regex(/^[\w.-]{1,128}$/),
});
const inviteSchema = z.object({ kind: z.literal('invite'), token: z.string().regex(/^[\w-]{16,512}$/) });
/** A contact card (docs/formats/contact-card.md), as text: the interface shows whose it is and adds nobody by itself. */
const contactSchema = z.object({ kind: z.literal('contact'), card: z.string().regex(/^[\w-]{64,}$/) });
/** Where a node of the mesh listens, once for each way to it: the interface asks before anything is connected. */
const peerSchema = z.object({ kind: z.literal('peer'), ways: z.string().regex(/^e=[\w%.:~-]+(&e=[\w%.:~-]+){0,5}$/) });
export const deepLinkSchema = z.discriminatedUnion('kind', [openSchema, inviteSchema, contactSchema, peerSchema]);
export type DeepLink = z.infer<typeof deepLinkSchema>;

const longest = 1024;
/** A whole card has some 14,000 characters; Windows takes 32,767 for all of a command line. */
const longestCard = 128 * 1024;

/** `hypha://open/<type>/<id>`, `hypha://invite/<token>`, `hypha://contact/<card>` or `hypha://peer?e=<endpoint>&…`; null for everything else. */
export function parseDeepLink(text: string): DeepLink | null {
  if (text.length > longestCard) return null;
  const card = /^hypha:\/\/contact\/([^/?#]+)\/?$/i.exec(text);
  if (card !== null) return contactSchema.safeParse({ kind: 'contact', card: card[1] }).data ?? null;
  if (text.length > longest) return null;
  const peer = /^hypha:\/\/peer\/?\?([^#]+)$/i.exec(text);
  if (peer !== null) return peerSchema.safeParse({ kind: 'peer', ways: peer[1] }).data ?? null;
  // Not by `new URL`: how it reads an unknown scheme differs between platforms and adds forms nobody needs.
  const match = /^hypha:\/\/(open|invite)\/([^/?#]+)(?:\/([^/?#]+))?\/?$/i.exec(text);
  if (match === null) return null;
  const [, verb = '', first = '', second] = match;
  const candidate =
    verb.toLowerCase() === 'open'
      ? { kind: 'open', type: first.toLowerCase(), id: second }
      : second === undefined
        ? { kind: 'invite', token: first }
        : null;
  const parsed = deepLinkSchema.safeParse(candidate);
  return parsed.success ? parsed.data : null;
}

/** The first link among a program's arguments (Windows and Linux hand links over that way). */
export function deepLinkIn(args: readonly string[]): DeepLink | null {
  for (const one of args) {
    if (!/^hypha:/i.test(one)) continue;
    const link = parseDeepLink(one);
    if (link !== null) return link;
  }
  return null;
}

/** Where the interface shows a link for confirmation. */
export function deepLinkPath(link: DeepLink): string {
  if (link.kind === 'contact') return `/contacts/add/${link.card}`;
  if (link.kind === 'peer') return `/mesh/peers/add/${encodeURIComponent(link.ways)}`;
  return link.kind === 'open' ? `/link/open/${link.type}/${link.id}` : `/link/invite/${link.token}`;
}
