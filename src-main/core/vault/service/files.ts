import { open, stat } from 'node:fs/promises';
import type { CallContext, Handlers } from '#core/broker/handlers.ts';
import type { vaultContract } from '#shared/contract/vault.ts';

type Methods = Handlers<typeof vaultContract>;
type Used = Pick<
  Methods,
  'vault.uploadOpen' | 'vault.uploadWrite' | 'vault.uploadCommit' | 'vault.uploadAbort' | 'vault.read'
>;

/** Files that other parts of Hypha keep in the vault, where the person sees them too. */
export interface VaultFiles {
  /**
   * Store a file of this computer in place of the one of that path; durable when it resolves. What was there before is kept as older versions are.
   *
   * @param path folders, made when missing, then the name
   * @throws Fail LOCKED, NO_VAULT, NOT_ENOUGH_PLACES
   */
  put(path: readonly string[], from: string, signal: AbortSignal): Promise<void>;
  /** Write what is there to a new file of this computer, durably. @throws Fail LOCKED, NO_VAULT, NOT_FOUND, DAMAGED */
  fetch(path: readonly string[], to: string, signal: AbortSignal): Promise<void>;
}

const pieceBytes = 1024 * 1024;

export function createFiles(handlers: Used): VaultFiles {
  const contextOf = (signal: AbortSignal): CallContext => ({
    caller: { connection: 'hypha', face: 'shell', name: 'Hypha', person: false },
    signal,
    undo() {},
  });
  return {
    async put(path, from, signal) {
      const context = contextOf(signal);
      const { size, mtimeMs } = await stat(from);
      const begun = {
        ...{ into: 'root' as const, path: [...path], size },
        ...{ modified: Math.floor(mtimeMs), clash: 'replace' as const },
      };
      const { upload } = await handlers['vault.uploadOpen'](begun, context);
      const file = await open(from);
      try {
        const piece = Buffer.alloc(pieceBytes);
        for (let offset = 0; offset < size; ) {
          signal.throwIfAborted();
          const { bytesRead } = await file.read(piece, 0, Math.min(pieceBytes, size - offset), offset);
          if (bytesRead === 0) throw new Error('the file became shorter while it was stored');
          await handlers['vault.uploadWrite'](
            { upload, offset, bytes: Uint8Array.from(piece.subarray(0, bytesRead)) },
            context,
          );
          offset += bytesRead;
        }
        await handlers['vault.uploadCommit']({ upload }, context);
      } catch (error) {
        await handlers['vault.uploadAbort']({ upload }, context);
        throw error;
      } finally {
        await file.close();
      }
    },
    async fetch(path, to, signal) {
      const pieces = handlers['vault.read']({ item: `/${path.join('/')}`, offset: 0 }, contextOf(signal));
      const file = await open(to, 'wx', 0o600);
      try {
        for await (const piece of pieces) await file.write(piece);
        await file.sync();
      } finally {
        await file.close();
      }
    },
  };
}
