import { wordlist } from '@scure/bip39/wordlists/english.js';
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fail } from '#shared/rpc/fail.ts';
import { Gate } from '../../app/gate.tsx';
import { renderWith } from '../../testing/render.tsx';
import { identityNone, identityUnlocked, vaultNone, words } from '../../testing/samples.ts';
import { play } from '../../testing/scenes.ts';
import { back, screens, startOf, stepNumber, wrongAnswers } from './flow.ts';
import { complete, fillWords, splitWords, suggest, unknownWords } from './phrase.ts';

describe('a phrase being typed', () => {
  it('is read out of numbered lists and line breaks', () => {
    expect(splitWords('1. legal 2. Winner,\n thank')).toEqual(['legal', 'winner', 'thank']);
  });

  it('fills from the field it was pasted into, a whole one from the first', () => {
    const empty = Array.from({ length: 24 }, () => '');
    expect(fillWords(empty, 2, ['zoo', 'zone']).slice(0, 5)).toEqual(['', '', 'zoo', 'zone', '']);
    expect(fillWords(empty, 7, words)).toEqual(words);
    expect(fillWords(empty, 23, ['zoo', 'zone'])).toHaveLength(24);
  });

  it('is completed when only one word can be meant', () => {
    expect(complete(wordlist, 'winn')).toBe('winner');
    expect(complete(wordlist, 'act')).toBe('act');
    expect(complete(wordlist, 'wi')).toBeNull();
    expect(suggest(wordlist, 'zo')).toEqual(['zone', 'zoo']);
    expect(unknownWords(wordlist, ['legal', 'lagal', ''])).toEqual([1]);
  });
});

describe('the flow', () => {
  it('has at most four screens', () => {
    for (const list of Object.values(screens)) expect(list.length).toBeLessThanOrEqual(4);
    expect(stepNumber({ ...startOf('', false), step: 'check' })).toEqual({ at: 3, of: 4 });
  });

  it('forgets the check when the words are looked at again', () => {
    const answers = [{ index: 1, word: 'a' }];
    expect(back({ ...startOf('', false), step: 'check', answers })).toMatchObject({ step: 'words', answers: null });
  });

  it('tells which of three words is wrong', () => {
    const draft = { draft: 'd', words, check: [0, 1, 2] };
    expect(wrongAnswers(draft, [' Legal ', 'winter', 'thank'])).toEqual([1]);
  });
});

describe('first run', () => {
  let end = () => {};
  beforeEach(() => sessionStorage.clear());
  afterEach(() => end());
  const press = (name: string | RegExp) => fireEvent.click(screen.getByRole('button', { name }));
  const type = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });

  it('leads from a name over the words to Home, with identity and vault made', async () => {
    const agent = play({ identity: identityNone, vault: vaultNone, settings: { onboarded: false } });
    end = renderWith(agent, <Gate>{'arrived'}</Gate>).end;
    await screen.findByText('Welcome to Hypha');
    press('Begin anew');
    await screen.findByText('Type a name, any name.');
    type('What should we call you?', 'Grace Hopper');
    press('Begin anew');
    await waitFor(() => expect(screen.getAllByRole('listitem')).toHaveLength(24));
    // Without a field of its own the screen begins at its title.
    expect(document.activeElement).toBe(screen.getByRole('heading', { level: 1 }));
    fireEvent.click(screen.getByRole('checkbox'));
    press('Continue');
    await screen.findByText('Check three of them');
    type('Word 3', 'thank');
    type('Word 12', 'nonsense');
    type('Word 20', 'year');
    press('Check the words');
    await screen.findByText(/That is not word 12/);
    type('Word 12', '');
    press('Check the words');
    await screen.findByText('Type word 12 from your paper.');
    for (const index of [2, 11, 19]) type(`Word ${index + 1}`, words[index] ?? '');
    press('Check the words');
    await screen.findByText('Protect this computer');
    type('Passphrase', 'correct horse');
    type('Type it again', 'correct horse');
    press('Create my identity');
    await screen.findByText('arrived');
    expect(agent.calls).toEqual(expect.arrayContaining(['identity.create', 'vault.setup', 'system.configure']));
  });

  it('comes back to the same words after a reload, and says so; others are said to be others', async () => {
    const scene = { identity: identityNone, vault: vaultNone, settings: { onboarded: false } } as const;
    const asked: unknown[] = [];
    let draft = 'd-1';
    const answers = {
      'identity.draft': (input: object) => {
        asked.push(input);
        return { draft, words: [...words], check: [2, 11, 19] };
      },
    };
    const open = () => {
      end = renderWith(play({ ...scene, answers }), <Gate>{'arrived'}</Gate>).end;
    };
    const leaves = () => {
      const event = new Event('beforeunload', { cancelable: true });
      window.dispatchEvent(event);
      return !event.defaultPrevented;
    };
    open();
    await screen.findByText('Welcome to Hypha');
    type('What should we call you?', 'Grace Hopper');
    expect(leaves()).toBe(true);
    press('Begin anew');
    await waitFor(() => expect(screen.getAllByRole('listitem')).toHaveLength(24));
    expect(leaves()).toBe(false);
    end();
    expect(leaves()).toBe(true);

    open();
    await screen.findByText(/the same words as before/);
    expect(leaves()).toBe(false);
    end();

    draft = 'd-2';
    open();
    await screen.findByText('These are other words than before.');
    expect(asked).toEqual([{}, { draft: 'd-1' }, { draft: 'd-1' }]);
  });

  it('gives other words, in sight and with the reason, when the old ones are no longer held', async () => {
    let made = 0;
    const agent = play({
      identity: identityNone,
      vault: vaultNone,
      settings: { onboarded: false },
      answers: {
        'identity.draft': () => ({ draft: `d-${++made}`, words: [...words], check: [2, 11, 19] }),
        'identity.create': () => {
          throw fail('DRAFT_EXPIRED', 'These words are no longer held.', { next: 'Make new ones.' });
        },
      },
    });
    end = renderWith(agent, <Gate>{'arrived'}</Gate>).end;
    await screen.findByText('Welcome to Hypha');
    type('What should we call you?', 'Grace Hopper');
    press('Begin anew');
    await waitFor(() => expect(screen.getAllByRole('listitem')).toHaveLength(24));
    press('Write them down later');
    type('Passphrase', 'correct horse');
    type('Type it again', 'correct horse');
    press('Create my identity');
    await screen.findByText('These are other words than before.');
    expect(screen.getAllByRole('listitem')).toHaveLength(24);
  });

  it('can be left at once, and then shows the rooms', async () => {
    const agent = play({ identity: identityNone, vault: vaultNone, settings: { onboarded: false } });
    end = renderWith(agent, <Gate>{'arrived'}</Gate>).end;
    await screen.findByText('Welcome to Hypha');
    press('Look around first');
    await screen.findByText('arrived');
    expect(agent.calls).not.toContain('identity.create');
  });

  it('goes on with the vault alone when the identity was made before a reload', async () => {
    const agent = play({ vault: vaultNone, settings: { onboarded: false } });
    end = renderWith(agent, <Gate>{'arrived'}</Gate>).end;
    await screen.findByText('Where your things live');
    press('Make my vault');
    await screen.findByText('arrived');
  });

  it('does not come when identity and vault were made by the command line', async () => {
    const agent = play({ settings: { onboarded: false } });
    end = renderWith(agent, <Gate>{'arrived'}</Gate>).end;
    await screen.findByText('arrived');
    expect(agent.calls).not.toContain('vault.setup');
  });

  it('brings an identity back, and returns to the words when they are no phrase', async () => {
    const agent = play({ identity: identityNone, vault: vaultNone, settings: { onboarded: false } });
    end = renderWith(agent, <Gate>{'arrived'}</Gate>).end;
    await screen.findByText('Welcome to Hypha');
    type('What should we call you?', 'Grace');
    press('I have 24 words');
    const paste = (text: string) =>
      fireEvent.paste(screen.getByLabelText('Word 1'), { clipboardData: { getData: () => text } });
    paste([...words.slice(0, 23), 'zoo'].join(' '));
    press('Continue');
    await screen.findByText('Protect this computer');
    type('Passphrase', 'correct horse');
    type('Type it again', 'correct horse');
    press('Restore my identity');
    await screen.findByText('These words are no recovery phrase: the last one does not fit the others.');
    paste(words.join(' '));
    press('Continue');
    type('Passphrase', 'correct horse');
    type('Type it again', 'correct horse');
    press('Restore my identity');
    await screen.findByText('arrived');
    // The old places come first: an empty vault would stand in their way.
    expect(agent.calls).toContain('identity.restore');
    expect(agent.calls).not.toContain('vault.setup');
  });

  it('opens the lock, and says when the passphrase is wrong', async () => {
    const agent = play({ identity: { ...identityUnlocked, state: 'locked' } });
    end = renderWith(agent, <Gate>{'arrived'}</Gate>).end;
    await screen.findByText('Locked');
    type('Passphrase', 'wrong');
    press('Unlock');
    await screen.findByText(/This is not the passphrase/);
    type('Passphrase', 'correct horse');
    press('Unlock');
    await screen.findByText('arrived');
  });
});
