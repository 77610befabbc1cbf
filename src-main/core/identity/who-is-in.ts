/** What is asked about the person: who they are, and whether their keys are in memory. */
interface Person {
  isUnlocked(): boolean;
  person(): { readonly id: string } | null;
  onChange(listener: () => void): () => void;
}

/**
 * Call `changed` when the person's keys come or go, or become another person's, and not for what else changes of an
 * identity: its name, its settings, a wrong passphrase. Who works with the keys may go on then. The person is told by
 * id, which follows from the keys, so that no copy of a secret is kept to compare.
 *
 * @returns how to stop
 */
export function onKeysChange(identity: Person, changed: () => void): () => void {
  const whoIsIn = (): string | null => (identity.isUnlocked() ? (identity.person()?.id ?? null) : null);
  let last = whoIsIn();
  return identity.onChange(() => {
    // Asking may itself notice that the time is over, lock, and come here a second time: `last` is read after it.
    const now = whoIsIn();
    if (now === last) return;
    last = now;
    changed();
  });
}
