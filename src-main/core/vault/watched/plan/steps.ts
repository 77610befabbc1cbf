import type { Kind } from './trees.ts';

/** One thing to do. Whoever does it looks again whether things are still as they were planned on, and else leaves it. */
export type Step =
  /** Neither side has it any more. */
  | { readonly do: 'forget'; readonly path: string }
  /** A folder that both have. */
  | { readonly do: 'agree'; readonly path: string }
  | { readonly do: 'move-vault'; readonly from: string; readonly to: string }
  | { readonly do: 'move-local'; readonly from: string; readonly to: string }
  /** What lies there on this computer gets the name of a conflict copy, and gives its own to what the vault has. */
  | { readonly do: 'set-aside'; readonly path: string }
  | { readonly do: 'remove-local'; readonly path: string; readonly kind: Kind }
  /** A file or a folder with all it holds goes to the vault's bin. */
  | { readonly do: 'bin'; readonly path: string }
  | { readonly do: 'make-local'; readonly path: string }
  | { readonly do: 'make-vault'; readonly path: string }
  /** Read the file of this computer; what is done with its bytes says {@link settle}. */
  | { readonly do: 'push'; readonly path: string }
  /** Write the vault's file to this computer, over one that is as it was agreed or where there is none. */
  | { readonly do: 'pull'; readonly path: string };

/** What to do now. When it is done there may be more: compare anew, until there is nothing. */
export interface Plan {
  readonly steps: readonly Step[];
  /** Files that were agreed on and would go: in the vault because they are gone here, and here because they are gone there. */
  readonly gone: { readonly vault: readonly string[]; readonly local: readonly string[] };
}

/** What is to be done with the bytes of a file of this computer, once they were read. */
export type Settlement =
  /** They are what the vault has now. */
  | 'agree'
  /** They are what was agreed on; it was only touched. The vault has gone on, or lost it. */
  | 'untouched'
  | 'create'
  | 'replace'
  /** Both sides were changed: both contents are kept. */
  | 'set-aside'
  /** The vault has a folder there by now: compare anew. */
  | 'leave';

export function settle(
  agreed: { readonly kind: Kind; readonly id: string } | undefined,
  vault: { readonly kind: Kind; readonly id: string } | undefined,
  same: { readonly asVault: boolean; readonly asAgreed: boolean },
): Settlement {
  if (vault?.kind === 'folder') return 'leave';
  if (vault && same.asVault) return 'agree';
  if (agreed?.kind === 'file' && same.asAgreed) return 'untouched';
  if (!vault) return 'create';
  return agreed?.kind === 'file' && agreed.id === vault.id ? 'replace' : 'set-aside';
}
