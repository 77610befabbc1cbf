import type { Emit } from '#core/host.ts';

/** Tells clients what changed, all of one turn of the loop in one event. */
export function createAnnouncer(emit: Emit, stopped: () => boolean): (ids: readonly string[]) => void {
  /** What clients are told next: these items, or `null` for anything of the vault. Undefined: nothing waits. */
  let pendingIds: Set<string> | null | undefined;
  return (ids) => {
    const first = pendingIds === undefined;
    // Once something unnamed changed, naming others would hide it.
    if (ids.length === 0 || pendingIds === null) pendingIds = null;
    else pendingIds = new Set([...(pendingIds ?? []), ...ids]);
    // Past a hundred, "anything of the vault" says the same in fewer bytes.
    if (pendingIds && pendingIds.size > 100) pendingIds = null;
    if (!first) return;
    setImmediate(() => {
      const told = pendingIds;
      pendingIds = undefined;
      if (!stopped()) emit({ topic: 'vault', ids: [...(told ?? [])] });
    });
  };
}
