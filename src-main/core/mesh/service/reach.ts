import type { Finding, Hop } from '#shared/contract/mesh/index.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import type { EngineRoute } from '../engine/protocol.ts';
import { addressOf } from '../identity/address.ts';
import { addressText, parseAddress } from '../identity/ipv6-text.ts';
import type { PingAnswer } from '../netstack/icmp-host.ts';
import { sameAddress } from '../netstack/ip/address.ts';
import { contains, prefixOf, subnetOf } from '../wire/prefix.ts';
import type { Names } from './ports.ts';
import type { Sessions } from './sessions.ts';
import type { Targets } from './targets.ts';

/* Whether and how somebody is reached: ping, trace, and what stands in the way. */

const pingTimeout = 5_000;
const hopTimeout = 3_000;
const probeTimeout = 10_000;
/** After so many hops in a row that say nothing, nothing more will come. */
const silentHops = 4;

export interface PingLine {
  readonly sequence: number;
  readonly address: string;
  readonly ms: number | null;
  readonly detail: string;
}

export async function* ping(
  thread: EngineThread,
  /** Of all devices of whoever is meant: they are asked until one answers, and then that one. */
  addresses: readonly Uint8Array[],
  count: number,
  pause: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): AsyncIterable<PingLine> {
  let meant = addresses;
  let answered = false;
  for (let sequence = 1; sequence <= count && !signal.aborted; sequence++) {
    if (sequence > 1) await pause(signal);
    const { address, answer } = await firstToAnswer(thread, meant, {});
    const text = addressText(address);
    if (answer?.kind === 'reply') meant = [address];
    answered ||= answer?.kind === 'reply';
    if (answer === null) yield { sequence, address: text, ms: null, detail: 'No answer came in five seconds.' };
    else if (answer.kind === 'reply') yield { sequence, address: text, ms: answer.ms, detail: '' };
    else yield { sequence, address: addressText(answer.from), ms: null, detail: said(answer) };
  }
  // Whoever asks in a script hears by the end whether anybody is there.
  if (!answered && !signal.aborted) {
    throw fail('NO_ANSWER', `None of the pings to ${addresses.map(addressText).join(' or ')} came back.`, {
      next: 'Ask what stands in the way: mesh diagnose.',
    });
  }
}

export async function* trace(
  thread: EngineThread,
  /** Of all devices of whoever is meant: the way to the one that answers, or that there is a way to. */
  addresses: readonly Uint8Array[],
  maxHops: number,
  names: Names,
  signal: AbortSignal,
  /** This node's own address. */
  self: Uint8Array,
): AsyncIterable<Hop> {
  const address = await present(thread, addresses);
  const nowhere = () =>
    fail('NO_ANSWER', `No node on the network knows a way to ${addressText(address)}.`, {
      next: 'Ask what stands in the way: mesh diagnose.',
    });
  let silent = 0;
  let heard = false;
  for (let hop = 1; hop <= maxHops && silent < silentHops && !signal.aborted; hop++) {
    // Our own node counts as one: a limit of 2 ends at the first peer.
    const answer = await once(thread, address, { hopLimit: hop + 1, timeout: hopTimeout });
    if (answer === null) {
      silent++;
      yield { hop, address: null, name: null, ms: null, cost: null };
      continue;
    }
    silent = 0;
    // Said by ourselves it is no hop: nobody was asked.
    if (answer.kind === 'unreachable' && contains(subnetOf(self), answer.from) && !contains(subnetOf(self), address)) {
      throw nowhere();
    }
    heard = true;
    const { from, cost } = whoAnswered(answer.from, await thread.call.routes());
    yield { hop, address: addressText(from), name: names.nameOf(from), ms: answer.ms, cost };
    // A node that the limit ends at says so, also where it is the one that was meant.
    if (answer.kind !== 'hop-limit' || sameAddress(from, address)) return;
  }
  if (heard || signal.aborted) return;
  if (!(await thread.call.routes()).some((one) => one.selected && holds(one, address))) throw nowhere();
}

/** Look at everything that must be in order, from here outwards; what depends on something broken is not looked at. */
export async function diagnose(
  thread: EngineThread | null,
  target: string,
  port: number | undefined,
  targets: Targets,
  sessions: Pick<Sessions, 'list'>,
): Promise<{ reachable: boolean; findings: Finding[] }> {
  const findings: Finding[] = [];
  const note = (code: Finding['code'], ok: boolean, text: string, next = ''): boolean => {
    findings.push({ code, ok, text, next: ok ? '' : next });
    return ok;
  };
  // Whoever asks for a port wants to know of that: a node may answer no pings and serve all the same.
  const over = () => {
    const asked = findings.find(({ code }) => code === 'SERVICE');
    return { reachable: asked?.ok ?? findings.every(({ ok }) => ok), findings };
  };

  if (thread === null) {
    note('NODE', false, 'The mesh node does not run.', 'Join the mesh.');
    return over();
  }
  note('NODE', true, 'The mesh node runs.');
  const addresses = targets.addresses(target);
  if (addresses.length === 0) {
    if (!targets.namesKnown()) {
      note('NAME', false, 'No names are known before Hypha is unlocked.', 'Unlock with your passphrase.');
    } else {
      const { message, next } = targets.unknown(target);
      note('NAME', false, message, next);
    }
    return over();
  }
  const serving = port === undefined || addresses.length === 1 ? null : await servingAt(thread, addresses, port);
  const address = serving ?? (await present(thread, addresses));
  const [at, devices] = [addressText(address), addresses.length];
  if (devices > 1) note('NAME', true, `${target} has ${devices} devices; this is about the one at ${at}.`);
  else if (targets.isName(target)) note('NAME', true, `${target} is ${at}.`);
  const { peers } = await thread.call.status();
  const linked = peers.length > 0;
  const connected = peers.length === 1 ? 'Connected to one peer.' : `Connected to ${peers.length} peers.`;
  const none = 'Check that this computer is online, and that the peers on the list can be connected to.';
  if (!note('PEERS', linked, linked ? connected : 'No peer is connected.', none)) return over();

  // Asking for an answer makes the node look for a route, when it has none yet.
  const answer = await once(thread, address, {});
  const route = (await thread.call.routes()).find((one) => one.selected && holds(one, address));
  if (route === undefined && answer?.kind !== 'reply') {
    const next = 'Its computer may be off, or on another network. Ask its owner; what is sent waits meanwhile.';
    note('ROUTE', false, 'No node on the network knows a way there.', next);
    return over();
  }
  const cost = route?.cost ?? null;
  note('ROUTE', true, cost === null ? 'There is a way there.' : `There is a way there; it costs ${cost}.`);
  if (answer?.kind === 'reply') note('PING', true, `It answers after ${answer.ms.toFixed(1)} ms.`);
  else {
    const why = answer === null ? 'It does not answer pings.' : `A node on the way says: ${said(answer)}`;
    const next = 'It may be set not to answer, or have gone a moment ago. Its services may be there all the same.';
    note('PING', false, why, next);
  }
  const sameNode = (text: string): boolean => contains(subnetOf(address), parseAddress(text) ?? new Uint8Array(16));
  const session = (await sessions.list()).find((one) => sameNode(one.address));
  if (session?.established)
    note('SESSION', true, 'What you send is in a session: nobody can read it later or play it back.');
  else if (session?.required) {
    const next =
      'If its owner no longer runs Hypha there, allow contacts without sessions in the settings of the mesh.';
    note('SESSION', false, 'It does not answer with a session, and nothing is sent to it without one.', next);
  }
  if (port !== undefined) await service(thread, address, port, note);
  return over();
}

async function service(
  thread: EngineThread,
  address: Uint8Array,
  port: number,
  note: (code: Finding['code'], ok: boolean, text: string, next?: string) => boolean,
): Promise<void> {
  try {
    const ms = await thread.call.probe(address, port, probeTimeout);
    note('SERVICE', true, `Port ${port} accepts connections, after ${ms.toFixed(1)} ms.`);
  } catch (error) {
    if (!isFail(error)) throw error;
    const next =
      error.code === 'REFUSED'
        ? 'The service is not running, or its owner has not let you in: ask them.'
        : 'Ask its owner whether the service runs.';
    note('SERVICE', false, `Port ${port} cannot be connected to: ${error.message}`, next);
  }
}

/** So many devices of one person are asked at once. */
const mostAsked = 16;

/** Ask all; the first that answers counts, and otherwise what was said of the best. */
async function firstToAnswer(
  thread: EngineThread,
  addresses: readonly Uint8Array[],
  options: Parameters<typeof once>[2],
): Promise<{ readonly address: Uint8Array; readonly answer: PingAnswer | null }> {
  const asked = addresses.slice(0, mostAsked).map(async (address) => ({
    address,
    answer: await once(thread, address, options),
  }));
  const replied = asked.map(async (one) => {
    const { answer } = await one;
    if (answer?.kind !== 'reply') throw new Error('no reply');
    return one;
  });
  try {
    return await Promise.any(replied);
  } catch {
    const all = await Promise.all(asked);
    const [first] = all;
    if (first === undefined) throw new Error('nobody to ask');
    return all.find(({ answer }) => answer !== null) ?? first;
  }
}

/** Of several devices the one that accepts connections at the port, as forwards find it; null where none does. */
async function servingAt(
  thread: EngineThread,
  addresses: readonly Uint8Array[],
  port: number,
): Promise<Uint8Array | null> {
  const probes = addresses.slice(0, mostAsked).map(async (address) => {
    await thread.call.probe(address, port, probeTimeout);
    return address;
  });
  return Promise.any(probes).catch(() => null);
}

/** Of several devices the one that is there: it answers, or else there is a way to it, or else it is the first. */
async function present(thread: EngineThread, addresses: readonly Uint8Array[]): Promise<Uint8Array> {
  const [only, ...more] = addresses;
  if (only !== undefined && more.length === 0) return only;
  const { address, answer } = await firstToAnswer(thread, addresses, { timeout: hopTimeout });
  if (answer?.kind === 'reply') return address;
  const routes = (await thread.call.routes()).filter((one) => one.selected && one.cost !== null);
  return addresses.find((one) => routes.some((route) => holds(route, one))) ?? address;
}

async function once(
  thread: EngineThread,
  address: Uint8Array,
  options: { hopLimit?: number; timeout?: number },
): Promise<PingAnswer | null> {
  try {
    return await thread.call.ping(address, { timeout: pingTimeout, ...options });
  } catch (error) {
    if (isFail(error, 'TIMED_OUT')) return null;
    throw error;
  }
}

const holds = (route: EngineRoute, address: Uint8Array): boolean =>
  contains(prefixOf(route.prefix, route.length), address);

/** Routers answer in the name of their subnet: we may know whose it is. */
function whoAnswered(from: Uint8Array, routes: readonly EngineRoute[]): { from: Uint8Array; cost: number | null } {
  const route = routes.find((one) => one.selected && holds(one, from));
  const inName = from.subarray(8).every((byte) => byte === 0);
  return { from: route !== undefined && inName ? addressOf(route.publicKey) : from, cost: route?.cost ?? null };
}

function said({ kind, reason }: PingAnswer): string {
  if (kind === 'unreachable') return `It cannot be reached: ${reason ?? 'no reason was given'}.`;
  return kind === 'hop-limit' ? 'The way there has too many hops.' : 'The packet is too big for the way there.';
}
