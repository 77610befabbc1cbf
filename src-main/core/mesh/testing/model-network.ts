import type { Effect, PeerId } from '../router/effects.ts';
import type { ControlMessage } from '../wire/control.ts';
import { decodeControl, encodeControl } from '../wire/control.ts';
import { createDice, type Dice } from './dice.ts';
import { createEventQueue } from './event-queue.ts';
import { walk } from './invariants.ts';
import { createModelNode, type LinkEnd, type ModelNode, restartModelNode } from './model-node.ts';

/*
 * A network of the routers that ship, under a model of links and a clock of its own: the same seed gives the same run, to
 * the last packet. After every change of a forwarding table the path it is on is followed, so that no loop is missed
 * however short it lasts.
 *
 * Links are streams (TCP): what is sent arrives in order or the link dies. A lost segment is therefore a delay, of which
 * all that follows partakes. A cut is either noticed by both ends, or silent: nothing passes and nobody is told.
 */

export interface LinkModel {
  /** Milliseconds, one way. */
  readonly latency: number;
  /** Added at random, at most. */
  readonly jitter: number;
  /** Share of packets that are lost once, and so come a retransmission later. */
  readonly loss: number;
}

export interface ModelLink {
  readonly a: LinkEnd;
  readonly b: LinkEnd;
  readonly model: LinkModel;
  state: 'up' | 'silent' | 'down';
  /** When the last packet in each direction arrives: none overtakes it. */
  readonly arrives: [number, number];
}

export interface ModelNetwork {
  readonly dice: Dice;
  readonly nodes: readonly ModelNode[];
  now(): number;
  addNode(): ModelNode;
  connect(a: ModelNode, b: ModelNode, model?: Partial<LinkModel>): ModelLink;
  /** @param silent whether the ends are left to find out by themselves */
  cut(link: ModelLink, silent?: boolean): void;
  links(): Iterable<ModelLink>;
  /** All links of the node end, and it begins anew with no memory but its key. */
  restart(node: ModelNode): void;
  /** The node's computer sleeps: its clock runs on, its program does not. */
  sleep(node: ModelNode, ms: number): void;
  need(from: ModelNode, to: ModelNode): void;
  at(time: number, run: () => void): void;
  /** Let everything due by then happen. */
  run(until: number): void;
  walk(from: ModelNode, to: ModelNode): ReturnType<typeof walk>;
  /** Updates delivered so far. */
  updates(): number;
  messages(): number;
  /**
   * Loops between two sources of one prefix, as after its owner's restart: their beginning and end. Babel bounds them to the
   * time an Update takes around; loops within one source throw at once.
   */
  mixedLoops(): readonly { readonly since: number; until: number | null }[];
}

const retransmission = 200;
const ordinary: LinkModel = { latency: 10, jitter: 2, loss: 0 };

export function createModelNetwork(seed: number, options: { throughWire?: boolean } = {}): ModelNetwork {
  const dice = createDice(seed);
  const queue = createEventQueue();
  const nodes: ModelNode[] = [];
  const links = new Map<PeerId, ModelLink>();
  const mixed = new Map<string, { since: number; until: number | null }>();
  const mixedEver: { since: number; until: number | null }[] = [];
  let now = 0;
  let nextPeer: PeerId = 1;
  let updates = 0;
  let messages = 0;

  const otherEnd = (link: ModelLink, peer: PeerId): LinkEnd => (link.a.peer === peer ? link.b : link.a);

  const neighbour = (_: ModelNode, peer: PeerId): ModelNode | null => {
    const link = links.get(peer);
    return link === undefined || link.state === 'down' ? null : otherEnd(link, peer).node;
  };

  const ownerOf = new Map<string, ModelNode>();

  /** After a change at `node`: no path through it may return to it. */
  const check = (node: ModelNode, key: string): void => {
    const owner = ownerOf.get(key);
    if (owner === undefined) return;
    const found = walk(node, owner, neighbour);
    const known = mixed.get(key);
    if (found.end !== 'loop') {
      // A loop that this node was not on may remain: it is looked at again when one of its nodes changes.
      if (known !== undefined && !nodes.some((one) => walk(one, owner, neighbour).end === 'loop')) {
        known.until = now;
        mixed.delete(key);
      }
      return;
    }
    if (found.oneSource) throw new Error(`seed ${seed}: loop ${found.path.join(' > ')} for ${key} at ${now} ms`);
    if (known === undefined) {
      const loop = { since: now, until: null };
      mixed.set(key, loop);
      mixedEver.push(loop);
    }
  };

  const wake = (node: ModelNode): void => {
    const at = node.router.next();
    if (at >= node.wakeAt) return;
    node.wakeAt = at;
    const { router } = node;
    queue.add(at, () => {
      if (node.router !== router || node.wakeAt !== at) return;
      node.wakeAt = Number.POSITIVE_INFINITY;
      if (now < node.asleepUntil) return;
      apply(node, node.router.advance(now));
    });
  };

  const apply = (node: ModelNode, effects: readonly Effect[]): void => {
    for (const effect of effects) {
      if (effect.type === 'send') for (const peer of effect.to) transmit(peer, effect.message);
      else if (effect.type === 'dead') {
        const link = links.get(effect.peer);
        if (link !== undefined) close(link);
      } else {
        const { key } = effect.prefix;
        if (effect.forwarding.state === 'unknown') node.table.delete(key);
        else node.table.set(key, effect.forwarding);
        check(node, key);
      }
    }
    wake(node);
  };

  const transmit = (from: PeerId, message: ControlMessage): void => {
    const link = links.get(from);
    if (link === undefined || link.state !== 'up') return;
    if (now < (link.a.peer === from ? link.a : link.b).node.asleepUntil) return;
    const side = link.a.peer === from ? 0 : 1;
    const to = side === 0 ? link.b : link.a;
    const { latency, jitter, loss } = link.model;
    let delay = latency + dice.next() * jitter;
    while (dice.next() < loss) delay += retransmission;
    const at = Math.max(link.arrives[side], now + delay);
    link.arrives[side] = at;
    queue.add(at, () => {
      if (link.state !== 'up' || now < to.node.asleepUntil) return;
      messages++;
      if (message.type === 'update') updates++;
      const read = options.throughWire === true ? decodeControl(encodeControl(message)) : [message];
      for (const one of read) apply(to.node, to.node.router.receive(now, to.peer, one));
    });
  };

  /** Both ends are told, each after what the news takes to reach it. */
  const close = (link: ModelLink): void => {
    if (link.state === 'down') return;
    const silent = link.state === 'silent';
    link.state = 'down';
    for (const end of [link.a, link.b]) {
      const { router } = end.node;
      queue.add(now + (silent ? 0 : dice.next() * link.model.latency), () => {
        // A sleeper learns of it when it wakes.
        const tell = (): void => {
          if (end.node.router === router) apply(end.node, router.peerDown(now, end.peer));
        };
        if (now < end.node.asleepUntil) queue.add(end.node.asleepUntil, tell);
        else tell();
        links.delete(end.peer);
      });
    }
  };

  return {
    dice,
    nodes,
    now: () => now,
    addNode() {
      const node = createModelNode(nodes.length, dice, now);
      nodes.push(node);
      ownerOf.set(node.subnet.key, node);
      wake(node);
      return node;
    },
    connect(a, b, model = {}) {
      const link: ModelLink = {
        a: { node: a, peer: nextPeer++ },
        b: { node: b, peer: nextPeer++ },
        model: { ...ordinary, ...model },
        state: 'up',
        arrives: [now, now],
      };
      links.set(link.a.peer, link);
      links.set(link.b.peer, link);
      for (const end of [link.a, link.b]) apply(end.node, end.node.router.peerUp(now, end.peer, 10));
      return link;
    },
    cut(link, silent = false) {
      if (silent && link.state === 'up') link.state = 'silent';
      else close(link);
    },
    *links() {
      for (const [peer, link] of links) if (link.a.peer === peer) yield link;
    },
    restart(node) {
      for (const link of [...links.values()]) if (link.a.node === node || link.b.node === node) close(link);
      restartModelNode(node, dice, now);
      wake(node);
    },
    sleep(node, ms) {
      node.asleepUntil = now + ms;
      const { router } = node;
      queue.add(node.asleepUntil, () => {
        if (node.router === router) apply(node, router.advance(now));
      });
    },
    need(from, to) {
      if (from !== to && from.table.get(to.subnet.key)?.state !== 'route') {
        apply(from, from.router.need(now, to.subnet));
      }
    },
    at: (time, run) => queue.add(time, run),
    run(until) {
      for (let next = queue.take(until); next !== null; next = queue.take(until)) {
        now = Math.max(now, next.at);
        next.run();
      }
      now = Math.max(now, until);
    },
    walk: (from, to) => walk(from, to, neighbour),
    updates: () => updates,
    messages: () => messages,
    mixedLoops: () => mixedEver,
  };
}
