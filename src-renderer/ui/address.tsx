import { useT } from '../lib/i18n.ts';
import { Copyable } from './copyable.tsx';

/**
 * An account or contract on a chain, and whose it is where that is known. More of it stays in sight than of other ids: look-alikes of
 * addresses are made by the thousand, and a few digits at both ends are all that such a one has in common.
 */
export function Address({ address, name, whole = false }: { address: string; name?: string | null; whole?: boolean }) {
  const t = useT();
  return (
    <span className="inline-flex max-w-full flex-wrap items-center gap-x-2">
      {name != null && <bdi className="min-w-0 truncate">{name}</bdi>}
      <Copyable value={address} what={t('money.address')} whole={whole} ends={[10, 8]} className="text-ink-soft" />
    </span>
  );
}
