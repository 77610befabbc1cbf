import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '#core/crypto/encoding.ts';
import type { SessionPolicy } from './policy.ts';
import {
  createSessionModel,
  isEstablished,
  type ModelNode,
  type SessionModel,
  textsOf,
} from './testing/session-model.ts';

/* Any loss, duplication and order of packets, restarts in between; then calm. A failing case is printed with its seed. */

type Step =
  | { readonly do: 'send'; readonly from: 0 | 1 }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'restart'; readonly who: 0 | 1 }
  | { readonly do: 'replay'; readonly pick: number };

const side = fc.constantFrom(0 as const, 1 as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('send' as const), from: side }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(3000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 50_000, max: 200_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), who: side }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('replay' as const), pick: fc.nat() }) },
);
const storm = fc.record({
  seed: fc.nat(),
  loss: fc.double({ min: 0, max: 0.5, noNaN: true }),
  duplicates: fc.double({ min: 0, max: 0.5, noNaN: true }),
  spread: fc.nat(1500),
  steps: fc.array(step, { minLength: 5, maxLength: 60 }),
});

const required = (peer: () => ModelNode): SessionPolicy => ({
  required: (address) => (toHex(address) === toHex(peer().address) ? peer().publicKey : null),
  offered: () => true,
});

interface Run {
  readonly model: SessionModel;
  readonly nodes: readonly [ModelNode, ModelNode];
  /** What each sent, as {@link textsOf} tells it of the receiver. */
  readonly sent: readonly [Set<string>, Set<string>];
  send(from: 0 | 1): string;
}

function weathered(
  kind: 'require' | 'prefer',
  { seed, loss, duplicates, spread, steps }: typeof storm extends fc.Arbitrary<infer T> ? T : never,
): Run {
  const model = createSessionModel(seed);
  const all: ModelNode[] = [];
  const policy = (other: number): SessionPolicy | undefined =>
    kind === 'require' ? required(() => all[other] as ModelNode) : undefined;
  all.push(model.node({ policy: policy(1) }));
  all.push(model.node({ policy: policy(0) }));
  const nodes = [all[0] as ModelNode, all[1] as ModelNode] as const;
  Object.assign(model.weather, { loss, duplicates, delay: [1, 1 + spread] });
  const sent = [new Set<string>(), new Set<string>()] as const;
  let count = 0;
  const send = (from: 0 | 1): string => {
    const data = Uint8Array.of(from, count >> 16, count >> 8, count);
    count++;
    sent[from].add(toHex(data));
    nodes[from].send(nodes[from === 0 ? 1 : 0], data, count % 2 === 0 ? 'ipv6' : 'message');
    return toHex(data);
  };
  for (const one of steps) {
    if (one.do === 'send') send(one.from);
    else if (one.do === 'wait') model.run(one.ms);
    else if (one.do === 'restart') nodes[one.who].restart();
    else {
      const packet = model.air[one.pick % Math.max(1, model.air.length)];
      if (packet !== undefined) model.inject(packet);
    }
  }
  return { model, nodes, sent, send };
}

/** The weather clears; a minute and a half of talk; then everything arrives, once. */
function settles({ model, nodes, send }: Run): void {
  Object.assign(model.weather, { loss: 0, duplicates: 0, delay: [10, 10] });
  for (let i = 0; i < 90; i++) {
    send(0);
    send(1);
    model.run(1000);
  }
  const last = [send(0), send(1)];
  model.run(50);
  for (const node of nodes) expect(isEstablished(node, model.now())).toBe(true);
  expect(textsOf(nodes[1]).filter((text) => text === last[0])).toHaveLength(1);
  expect(textsOf(nodes[0]).filter((text) => text === last[1])).toHaveLength(1);
}

describe('sessions in any weather', () => {
  it('where they are required: deliver nothing twice and nothing that was not sent, and recover', () => {
    fc.assert(
      fc.property(storm, (weather) => {
        const run = weathered('require', weather);
        settles(run);
        for (const from of [0, 1] as const) {
          const got = textsOf(run.nodes[from === 0 ? 1 : 0]);
          expect(new Set(got).size).toBe(got.length);
          for (const text of got) expect(run.sent[from].has(text)).toBe(true);
        }
        expect(run.model.air.every(({ type }) => type === 'session')).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('where they are preferred: recover, and from then on deliver nothing twice', () => {
    fc.assert(
      fc.property(storm, (weather) => {
        const run = weathered('prefer', weather);
        settles(run);
        // All that was ever on the air, once more.
        run.model.run(6000);
        const before = run.nodes.map(textsOf);
        for (const packet of [...run.model.air]) run.model.inject(packet);
        run.model.run(1000);
        for (const at of [0, 1] as const) {
          // What was lost may come late; what came does not come again.
          for (const text of textsOf(run.nodes[at]).slice(before[at]?.length)) expect(before[at]).not.toContain(text);
        }
        for (const from of [0, 1] as const) {
          for (const text of textsOf(run.nodes[from === 0 ? 1 : 0])) expect(run.sent[from].has(text)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });
});
