import type { Handlers } from '#core/broker/handlers.ts';
import { entropyFromPhrase, phraseFromEntropy } from '#core/crypto/phrase.ts';
import { wipe } from '#core/crypto/wipe.ts';
import type { Host } from '#core/host.ts';
import type { identityContract } from '#shared/contract/identity.ts';
import { makeCard } from './card.ts';
import { threePositions } from './drafts.ts';
import { failures } from './failures.ts';
import type { Service } from './service.ts';
import { stateOf } from './state.ts';
import { describeDevice } from './status.ts';

interface Answer {
  readonly index: number;
  readonly word: string;
}

/** The identity part of the contract, over the service. */
export function createHandlers(service: Service, host: Host): Handlers<typeof identityContract> {
  const { status } = service;

  function requireIdentity(): void {
    const { profile, damage } = service.stored();
    if (profile === null) throw failures.noIdentity(damage);
  }

  function requireSecrets() {
    requireIdentity();
    const secrets = service.secrets();
    if (secrets === null) throw failures.locked();
    return secrets;
  }

  function listDevices() {
    requireIdentity();
    const { profile, device } = service.stored();
    return {
      devices: (profile?.log.devices ?? []).map((item) => describeDevice(item, profile ?? never(), device?.id ?? null)),
    };
  }

  return {
    'identity.status': status,

    'identity.draft': ({ draft: shown }) => {
      const stored = service.stored();
      if (stateOf(stored, false) !== 'none') throw failures.alreadyExists(stored.profile?.record.name ?? null);
      const draft = (shown === undefined ? null : service.drafts.find(shown)) ?? service.drafts.make();
      return { draft: draft.id, words: phraseFromEntropy(draft.entropy), check: [...draft.check] };
    },

    'identity.create': async ({ draft: id, name, passphrase, answers }) => {
      const stored = service.stored();
      if (stateOf(stored, false) !== 'none') throw failures.alreadyExists(stored.profile?.record.name ?? null);
      const draft = service.drafts.find(id);
      if (draft === null) throw failures.draftExpired();
      const { entropy } = draft;
      if (answers !== undefined) {
        const asked = answers.every(({ index }) => draft.check.includes(index));
        if (!asked || !answersHold(answers, phraseFromEntropy(entropy))) throw failures.wordsWrong();
      }
      await service.create({ entropy, name, passphrase, confirmed: answers !== undefined });
      service.drafts.clear();
      return status();
    },

    'identity.restore': async ({ words, name, passphrase }) => {
      const phrase = entropyFromPhrase(words);
      if (!phrase.ok) throw failures.badPhrase(phrase);
      try {
        await service.restore({ entropy: phrase.entropy, name, passphrase });
      } finally {
        wipe(phrase.entropy);
      }
      service.drafts.clear();
      return status();
    },

    'identity.unlock': async ({ passphrase }, context) => {
      await service.unlock(passphrase);
      context.undo('identity.lock', {});
      return status();
    },

    'identity.lock': () => {
      requireIdentity();
      service.lock();
      return status();
    },

    'identity.confirmPhrase': async ({ answers }) => {
      const { entropy } = requireSecrets();
      if (!answersHold(answers, phraseFromEntropy(entropy))) throw failures.wordsWrong();
      await service.amend(() => ({ phraseConfirmed: true }));
      return status();
    },

    'identity.revealPhrase': async ({ passphrase }) => {
      const words = await service.withPhrase(passphrase, phraseFromEntropy);
      return { words, check: threePositions(host.random) };
    },

    'identity.changePassphrase': async ({ current, passphrase }) => {
      await service.changePassphrase(current, passphrase);
      return status();
    },

    'identity.setSecondFactor': async ({ on, passphrase }) => {
      await service.setSecondFactor(on, passphrase);
      return status();
    },

    'identity.rename': async ({ name }, context) => {
      requireIdentity();
      const before = await service.amend(() => ({ name }));
      context.undo('identity.rename', { name: before.name });
      return status();
    },

    // Only while unlocked: else whoever finds the computer locked could see to it that it stays open next time.
    'identity.setAutoLock': async ({ minutes }, context) => {
      requireSecrets();
      const before = await service.amend(() => ({ autoLockMinutes: minutes }));
      context.undo('identity.setAutoLock', { minutes: before.autoLockMinutes });
      return status();
    },

    'identity.devices': listDevices,

    'identity.revokeDevice': async ({ device }) => {
      requireIdentity();
      await service.revokeDevice(device);
      return listDevices();
    },

    'identity.card': () => {
      const { keys } = requireSecrets();
      const { profile } = service.stored();
      return makeCard((profile ?? never()).record, keys.current, host.now());
    },
  };
}

/** Three different positions, each with its word. */
function answersHold(answers: readonly Answer[], words: readonly string[]): boolean {
  const positions = new Set(answers.map(({ index }) => index));
  return positions.size === 3 && answers.every(({ index, word }) => words[index] === word);
}

function never(): never {
  throw new Error('an identity without a profile');
}
