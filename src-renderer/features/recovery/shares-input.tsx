import { useEffect } from 'react';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Field, TextArea } from '../../ui/field.tsx';

/** One field for each share; says how many more are needed as soon as one is whole. */
export function SharesInput({ shares, onChange }: { shares: readonly string[]; onChange: (s: string[]) => void }) {
  const t = useT();
  const check = useAgentMutation('shares.check', { quiet: true });
  const { mutate, reset } = check;
  useEffect(() => {
    const given = shares.filter((share) => share.trim() !== '');
    if (given.length === 0) reset();
    else mutate({ shares: given });
  }, [shares, mutate, reset]);
  const [group] = check.data?.groups ?? [];
  const bad = Number(check.error?.data?.share ?? 0);
  return (
    <div className="flex flex-col gap-4">
      {shares.map((share, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the position is all that tells one field from another
        <Field key={i} label={t('recovery.restore.share', { number: i + 1 })}>
          {(control) => (
            <TextArea
              {...control}
              rows={3}
              className="font-mono text-sm"
              autoComplete="off"
              autoCapitalize="none"
              autoCorrect="off"
              value={share}
              onChange={(event) => onChange(shares.map((old, at) => (at === i ? event.target.value : old)))}
            />
          )}
        </Field>
      ))}
      <div className="flex flex-wrap items-center gap-3">
        <Button disabled={shares.length >= 16} onClick={() => onChange([...shares, ''])}>
          {t('recovery.restore.more')}
        </Button>
        <p aria-live="polite" className="text-sm text-ink-soft">
          {check.data?.enough
            ? t('recovery.restore.enough')
            : group
              ? t('recovery.restore.have', { have: group.have, needed: group.needed })
              : check.error &&
                (bad > 0 ? t('recovery.restore.shareBad', { share: bad }) : t('recovery.restore.sharesMixed'))}
        </p>
      </div>
    </div>
  );
}
