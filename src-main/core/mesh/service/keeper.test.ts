import { expect, it } from 'vitest';
import { systemRandom } from '#core/crypto/random.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import type { EngineConfig } from '../engine/protocol.ts';
import { realTime } from '../time/real-time.ts';
import { createKeeper } from './keeper.ts';

it('goes on after settings that could not be read', async () => {
  const config: EngineConfig = {
    secret: systemRandom(32),
    listen: null,
    discovery: false,
    privateNetwork: null,
    answerPings: true,
  };
  const answers = [
    () => config,
    (): never => {
      throw new Error('disk I/O error');
    },
    () => null,
  ];
  const keeper = createKeeper({
    log: silentLog,
    now: () => 0,
    setTimer: realTime.setTimer,
    events: {
      delivered() {},
      undelivered() {},
      session() {},
      changed() {},
      accepted() {},
      resolve: async () => [],
    },
    wanted: () => answers.shift()?.() ?? null,
    prepare: async () => {},
    onStart: async () => {},
    onChange() {},
  });
  await keeper.settle();
  expect(keeper.state().kind).toBe('on');
  await keeper.settle();
  // As it was.
  expect(keeper.state().kind).toBe('on');
  await keeper.settle();
  expect(keeper.state().kind).toBe('off');
  await keeper.stop();
});
