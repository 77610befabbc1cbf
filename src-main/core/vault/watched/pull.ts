import { rm } from 'node:fs/promises';
import { syncDirectory } from '#core/store/atomic-file.ts';
import { syncFiles } from '#core/store/sync-files.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { createDelivery } from '../service/deliver.ts';
import type { Node } from '../tree.ts';
import { MovedOn } from './local/disk.ts';
import { problems } from './problem.ts';
import { agree, diskPath, nodeAt, type Site } from './site.ts';

/** Files written before the disk is waited for, once for all of them. */
const mostFiles = 512;
const mostBytes = 256 * 1024 * 1024;

interface Wanted {
  readonly path: string;
  readonly node: Node;
}

/**
 * Write files of the vault to the watched directory: each under a hidden name first, then, when all of a batch are durable, under its
 * own, in the place of one that was agreed on or of none. What comes back written down is durable on this computer.
 *
 * @throws the system's error when the disk is full; LOCKED
 */
export async function pullAll(site: Site, paths: readonly string[]): Promise<void> {
  const wanted = paths.flatMap((path): Wanted[] => {
    const node = nodeAt(site, path);
    return node?.kind === 'file' ? [{ path, node }] : [];
  });
  for (let next = 0; next < wanted.length; ) {
    const batch: Wanted[] = [];
    let bytes = 0;
    for (let one = wanted[next]; one && batch.length < mostFiles && bytes < mostBytes; one = wanted[++next]) {
      batch.push(one);
      bytes += one.node.size;
    }
    await pullBatch(site, batch);
    site.advance(batch.length);
  }
}

async function pullBatch(site: Site, batch: readonly Wanted[]): Promise<void> {
  const { disk, session, signal } = site;
  const written = new Map<string, Wanted>();
  const byNode = new Map<Node, Wanted>();
  const delivery = createDelivery(session, () => disk.hidden('x'), signal, {
    done(errand, hidden) {
      const one = byNode.get(errand.node);
      if (one) written.set(hidden, one);
    },
    failed({ node }, error) {
      const one = byNode.get(node);
      if (!one) return;
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (isFail(error, 'DAMAGED')) site.problems.set(one.path, problems.damaged(one.path));
      else if (/^E[A-Z]+$/.test(code) && !isFullCode(code)) {
        site.problems.set(one.path, problems.unwritable(one.path, code));
      } else throw error;
    },
    wrote() {},
  });
  try {
    try {
      for (const one of batch) {
        const to = diskPath(site, one.path);
        try {
          disk.way(to);
        } catch (error) {
          if (error instanceof MovedOn) continue;
          throw error;
        }
        byNode.set(one.node, one);
        await delivery.add({ node: one.node, path: disk.hidden(to), another: () => disk.hidden(to) });
      }
      await delivery.finish();
    } finally {
      await delivery.idle();
    }
    await syncFiles(site.root, [...written.keys()]);
    site.core.deps.probe?.('watched-written');
    for (const [hidden, one] of written) place(site, hidden, one);
    for (const directory of disk.takeTouched()) await syncDirectory(directory).catch(() => {});
    site.agreed.flush();
  } finally {
    // Those that did not come to their names.
    await Promise.all([...written.keys()].map((hidden) => rm(hidden, { force: true }).catch(() => {})));
  }
}

const isFullCode = (code: string): boolean => code === 'ENOSPC' || code === 'EDQUOT';

/** In the place of one that is as it was agreed, or of none; anything else is left, and compared anew. */
function place(site: Site, hidden: string, { path, node }: Wanted): void {
  const { disk, local, agreed } = site;
  // By now it may be another in the vault, or none.
  if (nodeAt(site, path) !== node) return;
  const to = diskPath(site, path);
  const there = local.get(path);
  try {
    const isAsAgreed = there?.kind === 'file' && there.print === agreed.tree.get(path)?.print;
    if (there && !isAsAgreed) return;
    const now = there ? disk.replace(hidden, to, there) : disk.create(hidden, to);
    agree(site, path, node.id, { kind: 'file', ...now, disk: to, size: node.size, modified: node.modified });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (error instanceof MovedOn) return;
    if (code === undefined || isFullCode(code)) throw error;
    site.problems.set(path, problems.unwritable(path, code));
    return;
  }
}
