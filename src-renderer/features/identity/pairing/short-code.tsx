import { useT } from '../../../lib/i18n.ts';

/** Six digits in two groups, large enough to be read across a table. */
export function ShortCode({ code }: { code: string }) {
  const t = useT();
  return (
    <p className="rounded-lg bg-surface-sunk py-4 text-center font-mono text-2xl font-semibold tracking-widest">
      <span className="sr-only">{t('contacts.pairing.compare.code')}: </span>
      <output>{`${code.slice(0, 3)} ${code.slice(3)}`}</output>
    </p>
  );
}
