import { type DeadProperty, rootItem } from './dead-properties.ts';
import type { Disk } from './exchange.ts';
import type { Lock } from './locks.ts';
import { hrefOf, mount } from './paths.ts';
import { quotaOf } from './quota.ts';
import { modifiedOf, type Spot, tagOf } from './view.ts';
import { dav, escapeText } from './xml.ts';

export interface PropertyName {
  readonly ns: string;
  readonly name: string;
}

/** A property that the server computes: its inner XML, or null where this resource has none. */
type Live = (disk: Disk, spot: Spot) => string | null;

const write = '<D:locktype><D:write/></D:locktype>';
const entry = (scope: string): string => `<D:lockentry><D:lockscope><D:${scope}/></D:lockscope>${write}</D:lockentry>`;

const live: Readonly<Record<string, Live>> = {
  resourcetype: (_, spot) => (spot.children ? '<D:collection/>' : ''),
  displayname: (_, spot) => escapeText(spot.path.length === 0 ? mount : spot.name),
  creationdate: ({ session }, { node }) =>
    new Date(node?.added ?? session.vault.created).toISOString().replace(/\.\d+Z$/, 'Z'),
  getlastmodified: ({ session }, { node }) => new Date(node ? modifiedOf(node) : session.vault.created).toUTCString(),
  getcontentlength: (_, { node }) => (node?.kind === 'file' ? String(node.size) : null),
  getcontenttype: (_, { node }) => (node?.kind === 'file' ? escapeText(typeOf(node.mime)) : null),
  getetag: ({ session }, { node }) => tagOf(session, node),
  supportedlock: () => `${entry('exclusive')}${entry('shared')}`,
  lockdiscovery: ({ locks, core }, { path }) =>
    locks
      .covering(path)
      .map((lock) => activeLock(lock, core.deps.host.now()))
      .join(''),
};

/** Told only to who asks by name: they are dear, or of use to few (RFC 4331, 3). */
const asked: Readonly<Record<string, Live>> = {
  'quota-used-bytes': ({ session }, { children }) => (children ? String(quotaOf(session).used) : null),
  'quota-available-bytes': ({ session }, { children }) => {
    const available = children ? quotaOf(session).available : null;
    return available === null ? null : String(available);
  },
};

export const typeOf = (mime: string): string => (mime === '' ? 'application/octet-stream' : mime);

export const isLive = ({ ns, name }: PropertyName): boolean => ns === dav && (name in live || name in asked);

/** A lock as `lockdiscovery` tells of it (RFC 4918, 14.1). */
export function activeLock(lock: Lock, now: number): string {
  const seconds = Math.max(0, Math.round((lock.ends - now) / 1000));
  return [
    '<D:activelock>',
    write,
    `<D:lockscope><D:${lock.scope}/></D:lockscope>`,
    `<D:depth>${lock.depth}</D:depth>`,
    lock.owner,
    `<D:timeout>Second-${seconds}</D:timeout>`,
    `<D:locktoken><D:href>${escapeText(lock.token)}</D:href></D:locktoken>`,
    `<D:lockroot><D:href>${hrefOf(lock.path, false)}</D:href></D:lockroot>`,
    '</D:activelock>',
  ].join('');
}

export type Wanted =
  | { readonly kind: 'all'; readonly include: readonly PropertyName[] }
  | { readonly kind: 'names' }
  | { readonly kind: 'some'; readonly names: readonly PropertyName[] };

const emptyElement = ({ ns, name }: PropertyName): string =>
  ns === dav ? `<D:${name}/>` : `<${name} xmlns="${escapeText(ns).replaceAll('"', '&quot;')}"/>`;
const element = (name: string, inner: string): string =>
  inner === '' ? `<D:${name}/>` : `<D:${name}>${inner}</D:${name}>`;

const propstat = (status: string, properties: readonly string[]): string =>
  `<D:propstat><D:prop>${properties.join('')}</D:prop><D:status>HTTP/1.1 ${status}</D:status></D:propstat>`;

export const deadOf = (disk: Disk, { node }: Spot): readonly DeadProperty[] => disk.dead.of(node?.id ?? rootItem);

/** What is answered of one resource: its `response` element. */
export function describe(disk: Disk, spot: Spot, wanted: Wanted): string {
  const dead = deadOf(disk, spot);
  const found: string[] = [];
  const missing: string[] = [];
  if (wanted.kind === 'names') {
    for (const name of Object.keys(live)) if (live[name]?.(disk, spot) !== null) found.push(`<D:${name}/>`);
    for (const one of dead) found.push(emptyElement(one));
  } else if (wanted.kind === 'all') {
    for (const [name, value] of Object.entries(live)) {
      const inner = value(disk, spot);
      if (inner !== null) found.push(element(name, inner));
    }
    for (const { xml } of dead) found.push(xml);
    for (const one of wanted.include) {
      if (one.ns === dav && one.name in live) continue;
      const inner = one.ns === dav ? asked[one.name]?.(disk, spot) : undefined;
      if (typeof inner === 'string') found.push(element(one.name, inner));
    }
  } else {
    for (const one of wanted.names) {
      const inner = one.ns === dav ? (live[one.name] ?? asked[one.name])?.(disk, spot) : undefined;
      const kept = isLive(one) ? undefined : dead.find(({ ns, name }) => ns === one.ns && name === one.name);
      if (typeof inner === 'string') found.push(element(one.name, inner));
      else if (kept) found.push(kept.xml);
      else missing.push(emptyElement(one));
    }
  }
  const parts = [`<D:response><D:href>${hrefOf(spot.path, spot.children !== null)}</D:href>`];
  // A response must have one (RFC 4918, 14.24), also where nothing was asked for.
  if (found.length > 0 || missing.length === 0) parts.push(propstat('200 OK', found));
  if (missing.length > 0) parts.push(propstat('404 Not Found', missing));
  parts.push('</D:response>');
  return parts.join('');
}
