import type { Prefix } from '../wire/prefix.ts';
import { askAnewBurst, askAnewInterval, requestMemory } from './constants.ts';
import type { PeerId } from './effects.ts';
import { createPace, type Pace, takeIfDue } from './pace.ts';

interface Asked {
  generation: number;
  at: number;
  readonly peers: Set<PeerId>;
  /** How often it was forgotten lately who was asked. */
  readonly anew: Pace;
}

/** Who got which RouteRequest from us lately, so that a flood reaches every neighbour once. */
export interface RequestMemory {
  /**
   * Of `peers`, those to send a request of this generation to; they are remembered as asked. One that was asked with a
   * higher generation is asked again, because a younger request reaches further.
   */
  ask(prefix: Prefix, generation: number, peers: readonly PeerId[], now: number): PeerId[];
  /**
   * What was asked for came, and is lost again: everybody may be asked once more, but not each time that a neighbour offers a route
   * and takes it back.
   */
  lost(prefix: Prefix, now: number): void;
  sweep(now: number): void;
  size(): number;
}

const anewRule = { interval: askAnewInterval, burst: askAnewBurst };

export function createRequestMemory(): RequestMemory {
  const memory = new Map<string, Asked>();
  return {
    ask(prefix, generation, peers, now) {
      let asked = memory.get(prefix.key);
      if (asked === undefined || now - asked.at >= requestMemory || generation < asked.generation) {
        asked = { generation, at: now, peers: new Set(), anew: asked?.anew ?? createPace() };
        memory.set(prefix.key, asked);
      }
      const known = asked.peers;
      const chosen = peers.filter((peer) => !known.has(peer));
      for (const peer of chosen) known.add(peer);
      return chosen;
    },
    lost(prefix, now) {
      const asked = memory.get(prefix.key);
      if (asked !== undefined && asked.peers.size > 0 && takeIfDue(asked.anew, anewRule, now)) asked.peers.clear();
    },
    sweep(now) {
      for (const [key, asked] of memory) if (now - asked.at >= requestMemory) memory.delete(key);
    },
    size: () => memory.size,
  };
}
