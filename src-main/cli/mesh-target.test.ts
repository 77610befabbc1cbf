import { expect, it } from 'vitest';
import { hypha, serveDouble } from './testing/harness.ts';

it('reaches by a name that ends with the dot of the root, as by the name without it', async () => {
  const reached: string[] = [];
  await serveDouble({
    'mesh.ping': async function* ({ target }) {
      reached.push(target);
      yield { sequence: 1, address: '4a2::1', ms: 1, detail: '' };
    },
  });
  for (const target of ['ann.hypha', 'Laptop.Ann.Hypha.']) {
    expect(await hypha(`mesh ping ${target}`), target).toMatchObject({ code: 0 });
  }
  expect(reached).toEqual(['ann.hypha', 'laptop.ann.hypha']);
  for (const target of ['.', 'ann.', 'ann.hypha..', 'everybody.', '@c1.'])
    expect(await hypha(`mesh ping ${target}`), target).toMatchObject({ code: 2 });
});
