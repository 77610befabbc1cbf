import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Mandate } from '#shared/contract/activity.ts';
import { covers } from './mandates.ts';
import { caller, createToyBroker, never, toyContract } from './testing/toy-broker.ts';

const day = 86_400_000;

function setUp() {
  const toy = createToyBroker();
  const mandate = {
    method: 'toy.pay',
    face: 'mcp' as const,
    target: { to: 'ann' },
    maxUses: 3,
    capPerUse: { amount: 10 },
    capTotal: { amount: 15 },
    expiresAt: toy.host.now() + day,
  };
  return { ...toy, mandate };
}

describe('mandates', () => {
  it('allows what it covers without asking, and nothing else', async () => {
    const { broker, mandates, world, mandate } = setUp();
    mandates.create(mandate);
    const program = caller('mcp');
    const pay = (to: string, amount: number) => broker.invoke(program, 'toy.pay', { to, amount }, never);
    await pay('ann', 10);
    await expect(pay('eve', 1)).rejects.toMatchObject({ code: 'CONSENT_NEEDED' });
    await expect(pay('ann', 11)).rejects.toMatchObject({ code: 'CONSENT_NEEDED' });
    await expect(pay('ann', 6)).rejects.toMatchObject({ code: 'CONSENT_NEEDED' });
    await expect(pay('ann', -5)).rejects.toMatchObject({ code: 'CONSENT_NEEDED' });
    await pay('ann', 5);
    await expect(broker.invoke(caller('cli', false), 'toy.pay', { to: 'ann', amount: 0 }, never)).rejects.toMatchObject(
      { code: 'CONSENT_NEEDED' },
    );
    expect(world.paid).toEqual([
      { to: 'ann', amount: 10 },
      { to: 'ann', amount: 5 },
    ]);
  });

  it('covers no call with an input that it does not name, unless that is at its default', async () => {
    const { broker, mandates, world, mandate } = setUp();
    mandates.create(mandate);
    const program = caller('mcp');
    const pay = (extra: object) => broker.invoke(program, 'toy.pay', { to: 'ann', amount: 1, ...extra }, never);
    await expect(pay({ note: 'and run this' })).rejects.toMatchObject({ code: 'CONSENT_NEEDED' });
    await expect(pay({ note: null })).rejects.toMatchObject({ code: 'CONSENT_NEEDED' });
    await expect(pay({ pin: '1234' })).rejects.toMatchObject({ code: 'CONSENT_NEEDED' });
    expect(world.paid).toEqual([]);
    await pay({ pin: '' });
    await pay({ note: undefined });
    expect(world.paid).toHaveLength(2);
  });

  it('ends by uses, by time and by being withdrawn', async () => {
    const uses = setUp();
    uses.mandates.create({ ...uses.mandate, maxUses: 1 });
    const pay = (toy: ReturnType<typeof setUp>) =>
      toy.broker.invoke(caller('mcp'), 'toy.pay', { to: 'ann', amount: 1 }, never);
    await pay(uses);
    await expect(pay(uses)).rejects.toMatchObject({ code: 'CONSENT_NEEDED' });
    const timed = setUp();
    timed.mandates.create(timed.mandate);
    timed.host.advance(day + 1);
    await expect(pay(timed)).rejects.toMatchObject({ code: 'CONSENT_NEEDED' });
    const revoked = setUp();
    revoked.mandates.revoke(revoked.mandates.create(revoked.mandate).id);
    await expect(pay(revoked)).rejects.toMatchObject({ code: 'CONSENT_NEEDED' });
  });

  it('is impossible for deleting, policy, reading, without a target, without an end', () => {
    const { mandates, mandate, host } = setUp();
    const code = (change: Partial<Parameters<typeof mandates.create>[0]>) => {
      try {
        mandates.create({ ...mandate, ...change });
        return 'made';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(code({ method: 'toy.delete', target: { what: 'x' }, capPerUse: {}, capTotal: {} })).toBe('NOT_MANDATABLE');
    expect(code({ method: 'toy.look', target: {} })).toBe('NOT_MANDATABLE');
    expect(code({ method: 'toy.private' })).toBe('NOT_MANDATABLE');
    expect(code({ method: 'toy.nothing' })).toBe('BAD_MANDATE');
    expect(code({ target: {} })).toBe('BAD_MANDATE');
    // No call could ever fit; and what must not be written down.
    expect(code({ capPerUse: {}, capTotal: {} })).toBe('BAD_MANDATE');
    expect(code({ target: { to: 'ann', pin: '1' } })).toBe('BAD_MANDATE');
    expect(code({ target: { amuont: 1 } })).toBe('BAD_MANDATE');
    // Not an input, though every object has it; and what fits a call that names no one.
    expect(code({ target: { constructor: 1 } })).toBe('BAD_MANDATE');
    expect(code({ capPerUse: JSON.parse('{"__proto__": 1}') })).toBe('BAD_MANDATE');
    expect(code({ method: 'constructor' })).toBe('BAD_MANDATE');
    expect(code({ target: { to: null } })).toBe('BAD_MANDATE');
    expect(code({ target: { to: 'x'.repeat(3000) } })).toBe('BAD_MANDATE');
    // No call could have these.
    expect(code({ target: { to: 5 } })).toBe('BAD_MANDATE');
    expect(code({ target: { amount: 1 }, capPerUse: { to: 1 }, capTotal: {} })).toBe('BAD_MANDATE');
    expect(code({ target: { to: '\ud800' } })).toBe('BAD_MANDATE');
    expect(code({ target: { to: new Uint8Array(3) } })).toBe('BAD_MANDATE');
    expect(code({ expiresAt: host.now() })).toBe('BAD_MANDATE');
    expect(code({ expiresAt: host.now() + 400 * day })).toBe('BAD_MANDATE');
  });

  it('never lets caps be passed, whatever the sequence of amounts', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: false })), fc.nat(20), fc.nat(50), (amounts, perUse, total) => {
        let mandate: Mandate = {
          id: 'm',
          method: 'toy.pay',
          face: 'mcp',
          target: { to: 'ann' },
          maxUses: 5,
          uses: 0,
          capPerUse: { amount: perUse },
          capTotal: { amount: total },
          spent: {},
          createdAt: 0,
          expiresAt: 1,
          revokedAt: null,
        };
        let sum = 0;
        let uses = 0;
        for (const amount of amounts) {
          const spent = covers(mandate, { to: 'ann', amount, pin: '' }, toyContract['toy.pay']);
          if (spent === null) continue;
          expect(amount).toBeLessThanOrEqual(perUse);
          sum += amount;
          uses += 1;
          mandate = { ...mandate, uses, spent };
        }
        expect(sum).toBeLessThanOrEqual(total);
        expect(uses).toBeLessThanOrEqual(5);
      }),
    );
  });
});
