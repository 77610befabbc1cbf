import type { Handlers } from '#core/broker/handlers.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import { type Fail, isFail } from '#shared/rpc/fail.ts';
import type { Core, Session } from '../core.ts';
import { cancelled } from '../failures.ts';
import type { Node } from '../tree.ts';
import { outsideRoot } from '../zstor/failures.ts';
import type { Objects } from '../zstor/objects.ts';
import { cleanPath, namingPath, objectKey } from '../zstor/paths.ts';
import type { SeenConfigs } from '../zstor/seen-configs.ts';
import { nodesOf } from './describe.ts';
import { readFile } from './read.ts';
import type { Skipped } from './walk.ts';
import { withObjects } from './zstor-deployment.ts';

interface Errand {
  readonly node: Node;
  /** By which zstor will know it. */
  readonly path: string;
}

export function zstorExportHandler(core: Core, seen: SeenConfigs): Handlers<typeof vaultContract>['vault.exportZstor'] {
  return async (input, context) => {
    const session = await core.session();
    const skipped: Skipped[] = [];
    const errands = errandsFor(session, nodesOf(session, input.items), input.as, skipped);
    const file = await seen.use(input.config);
    const { root, prefix } = file.config;
    const keys: string[] = [];
    for (const { path } of errands) {
      const naming = namingPath(path, root);
      if (naming === null) throw outsideRoot(path, root);
      keys.push(await objectKey(prefix, naming));
    }
    const total = errands.reduce((sum, { node }) => sum + node.size, 0);
    const signal = AbortSignal.any([context.signal, session.signal]);
    const told = { files: 0, bytes: 0, unchanged: 0, repaired: 0 };
    let first: Fail | null = null;
    /** Of the files before this one. */
    let before = 0;

    const one = async (objects: Objects, key: string, { node, path }: Errand): Promise<void> => {
      // Sealing is one half of the way, sending the other.
      const progress = (half: number): void => context.progress(before + half / 2);
      const bytes = async function* (): AsyncGenerator<Uint8Array> {
        let read = 0;
        for await (const piece of readFile(session, node.id, 0, node.size, signal)) {
          yield piece;
          read += piece.length;
          progress(read);
        }
      };
      const { how } = await objects.store(key, path, bytes(), signal, (part) => progress(node.size * (1 + part)));
      told.files++;
      told.bytes += node.size;
      if (how !== 'stored') told.unchanged++;
      if (how === 'repaired') told.repaired++;
    };

    context.step('send', 'Sealing and sending to zstor', { total, unit: 'bytes', pausable: true });
    await withObjects(core, file, async (objects) => {
      for (const [i, errand] of errands.entries()) {
        await context.rest();
        try {
          signal.throwIfAborted();
          await one(objects, keys[i] ?? '', errand);
        } catch (error) {
          if (session.signal.aborted) throw session.signal.reason;
          if (context.signal.aborted) throw cancelled();
          if (!isFail(error, 'DAMAGED') && !isFail(error, 'TOO_LARGE')) throw error;
          first ??= error;
          skipped.push({ path: errand.path, code: error.code, message: error.message });
        }
        before += errand.node.size;
        context.progress(before);
      }
    });
    if (told.files === 0 && first) throw first;
    return { ...told, skipped };
  };
}

/** One file or folder is `as` itself, unless that ends with a slash; several lie below it, by the names they have in the vault. */
function errandsFor(session: Session, nodes: readonly Node[], as: string, skipped: Skipped[]): Errand[] {
  const { tree } = session;
  const clean = cleanPath(as);
  const base = clean === '/' ? '' : clean;
  const alone = nodes.length === 1 && !as.endsWith('/');
  const taken = new Set<string>();
  const errands: Errand[] = [];
  for (const top of nodes) {
    const above = tree.path(top).length - (alone ? 0 : 1);
    for (const node of [top, ...tree.below(top)]) {
      if (node.children) continue;
      const names = tree.path(node).slice(above);
      const path = [base, ...names.map(({ name }) => name)].join('/');
      if (taken.has(path))
        skipped.push({ path, code: 'NAME_TAKEN', message: 'Another of these files has the same path there.' });
      else errands.push({ node, path });
      taken.add(path);
    }
  }
  return errands;
}
