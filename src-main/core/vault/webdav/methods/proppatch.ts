import { editNodes } from '../../edit.ts';
import { xmlBody } from '../body.ts';
import { badRequest, noSuch } from '../dav-error.ts';
import { type DeadProperty, fitsProperties, rootItem } from '../dead-properties.ts';
import type { Disk, Exchange } from '../exchange.ts';
import { conditions, mayChange } from '../guard.ts';
import { readTime } from '../headers.ts';
import { hrefOf } from '../paths.ts';
import { deadOf, isLive, type PropertyName } from '../properties.ts';
import { replyXml, xmlHead } from '../reply.ts';
import { type Spot, spotOf } from '../view.ts';
import { child, dav, elementsOf, escapeText, textOf, writeXml, type XmlElement } from '../xml.ts';

const mostChanges = 256;
/** Where Windows says what the dates of a file it has copied are. */
const microsoft = 'urn:schemas-microsoft-com:';

/** All of it or nothing (RFC 4918, 9.2). */
export async function proppatch(disk: Disk, exchange: Exchange): Promise<void> {
  const { request, response, path } = exchange;
  const changes = readChanges(await xmlBody(request));
  const spot = spotOf(disk.session.tree, path);
  if (!spot.exists) throw noSuch();
  conditions(disk, exchange, spot);
  mayChange(disk, exchange, path, { members: false, all: false });

  const refused = changes.filter(isLive);
  const next = apply(deadOf(disk, spot), changes);
  const fits = fitsProperties(next);
  if (refused.length === 0 && fits) {
    disk.dead.put(spot.node?.id ?? rootItem, next);
    keepTime(disk, spot, changes);
  }
  const names = (which: readonly PropertyName[]): string => unique(which).map(emptyName).join('');
  const others = changes.filter((one) => !refused.includes(one));
  const parts: string[] = [];
  if (refused.length > 0) {
    parts.push(stat(names(refused), '403 Forbidden', '<D:error><D:cannot-modify-protected-property/></D:error>'));
    if (others.length > 0) parts.push(stat(names(others), '424 Failed Dependency'));
  } else {
    parts.push(stat(names(others), fits ? '200 OK' : '507 Insufficient Storage'));
  }
  const href = hrefOf(path, spot.children !== null);
  const inner = `<D:response><D:href>${href}</D:href>${parts.join('')}</D:response>`;
  replyXml(response, 207, `${xmlHead}<D:multistatus xmlns:D="DAV:">${inner}</D:multistatus>\n`);
}

interface Change extends PropertyName {
  /** Null to remove it. */
  readonly element: XmlElement | null;
}

function readChanges(body: XmlElement | null): Change[] {
  const wrong = badRequest('This is no propertyupdate element.');
  if (body?.ns !== dav || body.name !== 'propertyupdate') throw wrong;
  const changes: Change[] = [];
  for (const step of elementsOf(body)) {
    if (step.ns !== dav || (step.name !== 'set' && step.name !== 'remove')) continue;
    const prop = child(step, 'prop');
    if (!prop) throw wrong;
    for (const element of elementsOf(prop)) {
      changes.push({ ns: element.ns, name: element.name, element: step.name === 'set' ? element : null });
    }
  }
  if (changes.length === 0 || changes.length > mostChanges) throw wrong;
  return changes;
}

function apply(before: readonly DeadProperty[], changes: readonly Change[]): DeadProperty[] {
  const now = new Map(before.map((one) => [`${one.ns}\n${one.name}`, one]));
  for (const { ns, name, element } of changes) {
    if (element) now.set(`${ns}\n${name}`, { ns, name, xml: writeXml(element) });
    else now.delete(`${ns}\n${name}`);
  }
  return [...now.values()];
}

/** Windows gives a file that it has copied its own time back by a property; it becomes the file's time here too. */
function keepTime(disk: Disk, { node }: Spot, changes: readonly Change[]): void {
  if (!node) return;
  const said = changes.find(({ ns, name }) => ns === microsoft && name === 'Win32LastModifiedTime')?.element;
  const at = said ? readTime(textOf(said)) : null;
  if (at === null || at < 0) return;
  editNodes(disk.core, disk.session, [node], (one) => {
    one.modified = at;
  });
}

const unique = (names: readonly PropertyName[]): PropertyName[] => [
  ...new Map(names.map((one) => [`${one.ns}\n${one.name}`, one])).values(),
];
const emptyName = ({ ns, name }: PropertyName): string =>
  `<${name} xmlns="${escapeText(ns).replaceAll('"', '&quot;')}"/>`;
const stat = (props: string, status: string, more = ''): string =>
  `<D:propstat><D:prop>${props}</D:prop><D:status>HTTP/1.1 ${status}</D:status>${more}</D:propstat>`;
