import { expect, it } from 'vitest';
import { systemRandom } from '#core/crypto/random.ts';
import { NetStack } from '../netstack/stack.ts';
import { createRelays } from './relays.ts';

function relays() {
  const stack = new NetStack({
    address: Uint8Array.of(4, ...systemRandom(15)),
    mtu: 1280,
    clock: { now: () => 0, setTimer: () => () => {} },
    random: systemRandom,
    answerPings: false,
    output() {},
  });
  return createRelays(stack, async () => []);
}

it('heeds who spoke last, also while what was said before is being done', async () => {
  const all = relays();
  const allow = [{ address: Uint8Array.of(4, ...new Uint8Array(15)), length: 64 }];
  await all.expose('web', 80, 1, allow, []);
  // The port is free for the next one only when the one before has ended.
  await Promise.all([
    all.expose('web', 80, 1, allow, []),
    all.expose('web', 80, 1, [], []),
    all.expose('web', 80, 1, 'everybody', []),
  ]);
  expect(Object.keys(all.traffic())).toEqual(['web']);
  await Promise.all([all.expose('web', 80, 1, allow, []), all.close('web')]);
  expect(all.traffic()).toEqual({});
  await all.expose('ssh', 80, 1, 'everybody', []);
  await expect(all.expose('web', 80, 1, 'everybody', [])).rejects.toMatchObject({ code: 'IN_USE' });
  await Promise.all([all.close('ssh'), all.forward('there', { host: 'ann', port: 1 }, 0), all.stop()]);
  expect(all.traffic()).toEqual({});
});
