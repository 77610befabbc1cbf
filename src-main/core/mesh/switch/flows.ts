/** Flows of one machine at most: each costs about 200 bytes here. */
const mostFlows = 4_096;
/** Old flows looked at to make room for a new one: the work a packet causes is bounded, too. */
const looks = 16;

/** `asking`: only the machine has spoken; `answered`: both have; `ending`: TCP said that it ends. */
type Stage = 'asking' | 'answered' | 'ending';

export type FlowProtocol = 'tcp' | 'udp' | 'icmp';

/**
 * Milliseconds a flow is remembered after its last packet. TCP: RFC 5382 section 5 (2 h 4 min; 4 min while it opens or closes), UDP: RFC 4787
 * section 4.3 (2 min or more), ICMP: RFC 5508 section 3.2 (60 s).
 */
const idle: Readonly<Record<FlowProtocol, Readonly<Record<Stage, number>>>> = {
  tcp: { asking: 240_000, answered: 7_440_000, ending: 240_000 },
  udp: { asking: 120_000, answered: 180_000, ending: 120_000 },
  icmp: { asking: 60_000, answered: 60_000, ending: 60_000 },
};

interface Flow {
  readonly protocol: FlowProtocol;
  stage: Stage;
  until: number;
}

/**
 * What a machine has begun, so that answers to it may pass. Bounded; when it is full, flows that are over, have not been answered or are ending
 * make room, oldest first, and flows in use do not.
 */
export class FlowTable {
  readonly #flows = new Map<string, Flow>();
  readonly #most: number;

  constructor(most = mostFlows) {
    this.#most = most;
  }

  get size(): number {
    return this.#flows.size;
  }

  /** A packet of this flow came from either side. @returns false when the flow is not known */
  seen(key: string, from: 'machine' | 'peer', ending: boolean, now: number): boolean {
    const flow = this.#flows.get(key);
    if (flow === undefined) return false;
    if (flow.until <= now) {
      this.#flows.delete(key);
      return false;
    }
    if (ending) flow.stage = 'ending';
    else if (from === 'peer' && flow.stage === 'asking') flow.stage = 'answered';
    flow.until = now + idle[flow.protocol][flow.stage];
    return true;
  }

  /** Whether it is known, without a packet of it. */
  has(key: string, now: number): boolean {
    return (this.#flows.get(key)?.until ?? now) > now;
  }

  /** The machine begins a flow; one of that name begins anew. @returns false when there is no room */
  begin(key: string, protocol: FlowProtocol, stage: 'asking' | 'answered', now: number): boolean {
    this.#flows.delete(key);
    if (this.#flows.size >= this.#most && !this.#makeRoom(now)) return false;
    this.#flows.set(key, { protocol, stage, until: now + idle[protocol][stage] });
    return true;
  }

  #makeRoom(now: number): boolean {
    let left = looks;
    for (const [key, flow] of this.#flows) {
      if (left-- === 0) return false;
      this.#flows.delete(key);
      if (flow.until <= now || flow.stage !== 'answered') return true;
      // In use: to the end of the row, so that the next search looks at others.
      this.#flows.set(key, flow);
    }
    return false;
  }
}
