import { xmlBody } from '../body.ts';
import { badRequest, DavError, noSuch } from '../dav-error.ts';
import type { Disk, Exchange } from '../exchange.ts';
import { conditions } from '../guard.ts';
import { readDepth } from '../headers.ts';
import { mount } from '../paths.ts';
import { describe, type PropertyName, type Wanted } from '../properties.ts';
import { replyXml, streamXml, xmlHead } from '../reply.ts';
import { type Spot, spotOf } from '../view.ts';
import { child, elementsOf, type XmlElement } from '../xml.ts';

/** Depth infinity is answered up to so many; who wants more asks folder by folder (RFC 4918, 9.1: `propfind-finite-depth`). */
export const mostInfinite = 10_000;
/** Properties that one request may name. */
const mostNames = 256;

export async function propfind(disk: Disk, exchange: Exchange): Promise<void> {
  const { request, response, path, signal } = exchange;
  const depth = readDepth(request.headers.depth as string | undefined, 'infinity');
  if (depth === null) throw badRequest('Depth is 0, 1 or infinity.');
  const wanted = readWanted(await xmlBody(request));
  const { tree } = disk.session;
  const spot = spotOf(tree, path);
  if (!spot.exists) throw noSuch();
  conditions(disk, exchange, spot);
  const spots: Spot[] = [spot];
  if (depth === '1') addChildren(spots, spot);
  else if (depth === 'infinity') {
    for (let i = 0; i < spots.length; i++) {
      addChildren(spots, spots[i] as Spot);
      if (spots.length > mostInfinite) {
        throw new DavError(403, 'Ask folder by folder: this one holds too much.', 'propfind-finite-depth');
      }
    }
  }
  await streamXml(response, 207, pieces(disk, spots, wanted), signal);
}

function addChildren(spots: Spot[], { path, node, children }: Spot): void {
  if (!children) return;
  for (const [name, one] of children) {
    const at = [...path, name];
    spots.push({ path: at, node: one, exists: true, children: one.children, parent: node?.id ?? null, name });
  }
}

function* pieces(disk: Disk, spots: readonly Spot[], wanted: Wanted): Generator<string> {
  yield '<D:multistatus xmlns:D="DAV:">';
  for (const spot of spots) {
    // Gone while the others were told of: as if it had never been asked for.
    if (spot.node !== null && disk.session.tree.get(spot.node.id) !== spot.node) continue;
    yield describe(disk, spot, wanted);
  }
  yield '</D:multistatus>\n';
}

/** The folder above the vault: some clients look at the top of a server before they look where they were sent. */
export async function propfindTop(disk: Disk, exchange: Exchange): Promise<void> {
  const depth = readDepth(exchange.request.headers.depth as string | undefined, 'infinity');
  if (depth === null) throw badRequest('Depth is 0, 1 or infinity.');
  const wanted = readWanted(await xmlBody(exchange.request));
  const vault = describe(disk, spotOf(disk.session.tree, []), wanted);
  const top = vault.replace(`<D:href>/${mount}/</D:href>`, '<D:href>/</D:href>');
  const inner = depth === '0' ? top : `${top}${vault}`;
  replyXml(exchange.response, 207, `${xmlHead}<D:multistatus xmlns:D="DAV:">${inner}</D:multistatus>\n`);
}

function readWanted(body: XmlElement | null): Wanted {
  if (body === null) return { kind: 'all', include: [] };
  const wrong = badRequest('This is no propfind element.');
  if (body.ns !== 'DAV:' || body.name !== 'propfind') throw wrong;
  const some = child(body, 'prop');
  const all = child(body, 'allprop');
  const names = child(body, 'propname');
  if ([some, all, names].filter(Boolean).length !== 1) throw wrong;
  if (names) return { kind: 'names' };
  const include = child(body, 'include');
  return all
    ? { kind: 'all', include: include ? namesIn(include) : [] }
    : { kind: 'some', names: namesIn(some as XmlElement) };
}

function namesIn(element: XmlElement): PropertyName[] {
  const names = elementsOf(element).map(({ ns, name }) => ({ ns, name }));
  if (names.length > mostNames) throw badRequest('Too many properties were asked for.');
  return names;
}
