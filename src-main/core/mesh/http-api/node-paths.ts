import { toHex } from '#core/crypto/ids.ts';
import { parseAddress } from '../identity/ipv6-text.ts';
import { type Answer, badRequest, forbidden, notFound, wrongMethod } from './answer.ts';
import { infoJson, peerJson, queriedJson, routeJson } from './daemon-json.ts';
import type { ApiRequest } from './message-paths.ts';
import type { NodeView } from './ports.ts';

/** `/admin` and what is below it: what can be read, and nothing that changes anything. */
export async function answerAdmin(node: NodeView, { method, path }: ApiRequest): Promise<Answer> {
  const read = readers.get(path.slice(1).join('/'));
  if (method === 'GET' && read !== undefined) return { status: 200, json: await read(node) };
  if (read !== undefined && (path[1] !== 'peers' || method !== 'POST')) throw wrongMethod('GET');
  // Also GET /admin/proxy/probe, which in the daemon starts something.
  if (closed.has(path[1] ?? '')) throw forbidden('This is done in Hypha, not here: the node can only be looked at.');
  throw notFound();
}

const closed: ReadonlySet<string> = new Set(['peers', 'proxy', 'stats']);

const readers: ReadonlyMap<string, (node: NodeView) => Promise<unknown>> = new Map([
  ['', async (node: NodeView) => infoJson(await node.info())],
  ['peers', async (node: NodeView) => (await node.peers()).map(peerJson).filter((peer) => peer !== null)],
  ['routes/selected', async (node: NodeView) => (await node.selectedRoutes()).map(routeJson)],
  ['routes/fallback', async (node: NodeView) => (await node.fallbackRoutes()).map(routeJson)],
  ['routes/queried', async (node: NodeView) => (await node.queriedSubnets()).map(queriedJson)],
]);

/** `/pubkey/{ip}` */
export async function answerPublicKey(node: NodeView, { method, path }: ApiRequest): Promise<Answer> {
  if (path.length !== 2) throw notFound();
  if (method !== 'GET') throw wrongMethod('GET');
  const address = parseAddress(path[1] ?? '');
  if (address === null) throw badRequest('This is no IPv6 address.');
  const publicKey = await node.publicKeyOf(address);
  if (publicKey === null) throw notFound();
  return { status: 200, json: { publicKey: toHex(publicKey) } };
}
