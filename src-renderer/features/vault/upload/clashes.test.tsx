import { cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { agentContract } from '#shared/contract/agent.ts';
import type { VaultItem } from '#shared/contract/vault.ts';
import { connectDouble } from '#shared/rpc/double.ts';
import { createFakeAgent } from '../../../testing/fake-agent.ts';
import { renderWith } from '../../../testing/render.tsx';
import { ClashDialog } from './clash-dialog.tsx';
import { type ClashChoices, findClashes } from './clashes.ts';
import type { UploadSource } from './job.ts';
import { storeFiles } from './store-files.ts';

const source = (path: string): UploadSource => ({
  path: path.split('/'),
  modified: 0,
  bytes: { size: 1, slice: () => ({ arrayBuffer: async () => new ArrayBuffer(1) }) },
});
const item = (id: string, kind: 'file' | 'folder', name: string) =>
  ({
    id,
    parent: null,
    kind,
    name,
    size: 1,
    modified: 0,
    added: 0,
    mime: '',
    safety: 'safe',
    verifiedAt: null,
    binnedAt: null,
  }) as unknown as VaultItem;

/** A vault of folders by id, listed in small pages as a large one would be. */
async function vault(folders: Record<string, VaultItem[]>) {
  const asked: string[] = [];
  const double = await connectDouble(agentContract, {
    'vault.list': ({ folder, offset }) => {
      asked.push(folder);
      const all = folders[folder] ?? [];
      return { path: [], items: all.slice(offset, offset + 2), total: all.length };
    },
  });
  return { ...double, asked };
}

describe('names that are taken', () => {
  it('are found in the very folders an upload reaches, and in no others', async () => {
    const { client, close, asked } = await vault({
      root: [
        item('f1', 'folder', 'album'),
        item('a', 'file', 'x'),
        item('b', 'file', 'notes.txt'),
        item('f3', 'folder', 'thing'),
      ],
      f1: [item('c', 'file', 'one.txt'), item('f2', 'folder', 'inner')],
      f2: [item('d', 'file', 'two.txt')],
    });
    const sources = ['notes.txt', 'new.txt', 'album/one.txt', 'album/inner/two.txt', 'thing', 'fresh/one.txt'].map(
      source,
    );
    const found = await findClashes(client, sources, 'root');
    expect(found.map((one) => one.path.join('/'))).toEqual(['notes.txt', 'album/one.txt', 'album/inner/two.txt']);
    expect(new Set(asked)).toEqual(new Set(['root', 'f1', 'f2']));
    close();
  });

  it('are compared as the vault keeps them', async () => {
    const { client, close } = await vault({ root: [item('a', 'file', 'é')] });
    expect(await findClashes(client, [source('e\u0301')], 'root')).toHaveLength(1);
    close();
  });

  it('store nothing when the question is closed, and each as it was answered otherwise', async () => {
    const { client, close } = await vault({ root: [item('a', 'file', 'a'), item('b', 'file', 'b')] });
    const files = ['a', 'b', 'c'].map(source);
    const added: string[] = [];
    const queue = {
      add: (list: readonly UploadSource[], _into: unknown, clash: string) => {
        for (const one of list) added.push(`${one.path.join('/')} ${clash}`);
      },
    };
    const found = { files, emptyFolders: [], unreadable: [] };
    await storeFiles(queue, client, found, 'root', async () => null);
    expect(added).toEqual([]);
    await storeFiles(
      queue,
      client,
      found,
      'root',
      async ([a, b]) =>
        new Map([
          [a as UploadSource, 'replace'],
          [b as UploadSource, 'skip'],
        ]),
    );
    expect(added).toEqual(['c both', 'a replace', 'b skip']);
    close();
  });
});

describe('the question', () => {
  afterEach(cleanup);
  const show = (names: string[]) => {
    const clashing = names.map(source);
    const answers: (ClashChoices | null)[] = [];
    renderWith(createFakeAgent({}), <ClashDialog clashing={clashing} onDecided={(a) => answers.push(a)} />);
    const words = () => clashing.map((one) => answers[0]?.get(one));
    return { answers, words };
  };
  const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

  it('is asked once for all', async () => {
    const { words } = show(['a', 'b', 'c']);
    await screen.findByText('a');
    press('Replace');
    expect(words()).toEqual(['replace', 'replace', 'replace']);
  });

  it('is asked one after another when wanted', async () => {
    const { words, answers } = show(['a', 'b', 'c']);
    fireEvent.click(await screen.findByRole('checkbox'));
    press('Replace');
    expect(answers).toEqual([]);
    await screen.findByText('b');
    press('Leave the new one out');
    await screen.findByText('c');
    expect(screen.queryByRole('checkbox')).toBeNull();
    press('Keep both');
    expect(words()).toEqual(['replace', 'skip', 'both']);
  });

  it('gives the upload up when closed', async () => {
    const { answers } = show(['a']);
    await screen.findByText('a');
    press('Close');
    expect(answers).toEqual([null]);
  });
});
