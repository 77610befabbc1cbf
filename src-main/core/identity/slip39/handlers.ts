import type { Handlers } from '#core/broker/handlers.ts';
import { wipe } from '#core/crypto/wipe.ts';
import type { Host } from '#core/host.ts';
import type { sharesContract } from '#shared/contract/shares.ts';
import { failures } from '../failures.ts';
import type { Service } from '../service.ts';
import type { HeldShares } from './held.ts';
import { makeShares } from './index.ts';
import { entropyFromShares, weigh } from './typed.ts';

/** Shares of the phrase for people one trusts, over the service. */
export function createSharesHandlers(service: Service, held: HeldShares, host: Host): Handlers<typeof sharesContract> {
  return {
    'shares.status': () => ({ made: held.made(), open: held.open() }),

    'shares.make': ({ threshold, count, passphrase }) =>
      service.withPhrase(passphrase, async (entropy) => {
        const groups = [{ threshold, count }];
        const [shares = []] = await makeShares(entropy, { groupThreshold: 1, groups }, host.random);
        return held.hold(shares, threshold);
      }),

    'shares.show': ({ set, number }) => {
      const share = held.current(set, number);
      if (!share) throw failures.sharesGone();
      return { words: [...share.words], check: [...share.check] };
    },

    'shares.written': async ({ set, number, answers }) => {
      const share = held.current(set, number);
      if (!share) throw failures.sharesGone();
      const asked = new Set(answers.map(({ index }) => index));
      const right = share.check.every((index) => asked.has(index));
      if (!right || !answers.every(({ index, word }) => share.words[index] === word)) throw failures.wordsWrong();
      const progress = await held.written(set, number);
      if (!progress) throw failures.sharesGone();
      return progress;
    },

    'shares.drop': () => {
      held.drop();
      return {};
    },

    'shares.check': ({ shares }) => {
      const { groupThreshold, groups } = weigh(shares);
      const complete = groups.filter(({ have, threshold }) => have >= threshold).length;
      return {
        groupsNeeded: groupThreshold,
        groups: groups.map(({ threshold, have }) => ({ needed: threshold, have })),
        enough: complete >= groupThreshold,
      };
    },

    'shares.restore': async ({ name, shares, passphrase }) => {
      const entropy = await entropyFromShares(shares);
      try {
        await service.restore({ entropy, name, passphrase });
      } finally {
        wipe(entropy);
      }
      service.drafts.clear();
      return service.status();
    },
  };
}
