import { type FormEvent, useState } from 'react';
import type { ShareProgress } from '#shared/contract/shares.ts';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Field, Input, PassphraseInput } from '../../ui/field.tsx';
import { State } from '../../ui/state.tsx';

const numbers = Array.from({ length: 15 }, (_, i) => i + 2);
const options = (most: number) => numbers.filter((n) => n <= most).map((n) => ({ value: String(n), label: String(n) }));

/** Make shares, then show them one after the other; each is left behind once three of its words were typed back. */
export function SharesDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [count, setCount] = useState(3);
  const [threshold, setThreshold] = useState(2);
  const [passphrase, setPassphrase] = useState('');
  const [progress, setProgress] = useState<ShareProgress | null>(null);
  const [checking, setChecking] = useState(false);
  const [typed, setTyped] = useState(['', '', '']);
  const show = useAgentMutation('shares.show', { quiet: true });
  const next = (to: ShareProgress) => {
    setProgress(to);
    setChecking(false);
    setTyped(['', '', '']);
    show.reset();
    if (to.next !== null) show.mutate({ set: to.set, number: to.next });
  };
  const make = useAgentMutation('shares.make', { quiet: true, onDone: next });
  const written = useAgentMutation('shares.written', { quiet: true, onDone: next });
  const drop = useAgentMutation('shares.drop', { quiet: true });
  const number = progress?.next ?? null;
  const done = progress !== null && number === null;
  const share = show.data;
  const close = () => {
    if (progress && !done) drop.mutate({});
    onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!progress) make.mutate({ count, threshold, passphrase }, { onSettled: () => setPassphrase('') });
    else if (!checking) setChecking(true);
    else if (number !== null && share) {
      const answers = share.check.map((index, i) => ({ index, word: typed[i]?.trim().toLowerCase() || '?' }));
      written.mutate({ set: progress.set, number, answers });
    }
  };
  const about = { number: number ?? 0, count: progress?.count ?? count };
  const title = !progress || done ? 'title' : checking ? 'checkTitle' : 'showTitle';
  return (
    <Dialog
      open
      insistent={progress !== null && !done}
      onOpenChange={(open) => !open && close()}
      width={share && !checking ? 'wide' : 'normal'}
      title={t(`recovery.shares.${title}`, about)}
      description={t(
        !progress ? 'recovery.shares.text' : checking ? 'onboarding.check.text' : 'recovery.shares.showText',
      )}
      footer={
        done ? (
          <Button tone="primary" onClick={onClose}>
            {t('common.close')}
          </Button>
        ) : (
          <>
            <Button onClick={close}>{t(progress ? 'recovery.shares.stop' : 'common.cancel')}</Button>
            {checking && <Button onClick={() => setChecking(false)}>{t('recovery.shares.again')}</Button>}
            <Button
              tone="primary"
              type="submit"
              form="shares"
              busy={make.isPending || show.isPending || written.isPending}
              disabled={!progress && passphrase === ''}
            >
              {t(!progress ? 'recovery.shares.begin' : checking ? 'recovery.shares.check' : 'recovery.shares.written')}
            </Button>
          </>
        )
      }
    >
      <form id="shares" noValidate onSubmit={submit} className="flex flex-col gap-4 pb-2">
        {(make.error ?? show.error ?? written.error) && (
          <ErrorPanel error={make.error ?? show.error ?? written.error} />
        )}
        {!progress && (
          <>
            <div className="flex flex-wrap gap-4">
              <Field label={t('recovery.shares.count')}>
                {(control) => (
                  <Select
                    {...control}
                    value={String(count)}
                    onChange={(value) => {
                      setCount(Number(value));
                      setThreshold(Math.min(threshold, Number(value)));
                    }}
                    options={options(16)}
                  />
                )}
              </Field>
              <Field label={t('recovery.shares.threshold')}>
                {(control) => (
                  <Select
                    {...control}
                    value={String(threshold)}
                    onChange={(value) => setThreshold(Number(value))}
                    options={options(count)}
                  />
                )}
              </Field>
            </div>
            <p className="text-sm text-ink-soft">
              {t('recovery.shares.note', { threshold, count, spare: count - threshold })}
            </p>
            <Field label={t('onboarding.lock.passphrase')}>
              {(control) => (
                <PassphraseInput
                  {...control}
                  value={passphrase}
                  onChange={(event) => setPassphrase(event.target.value)}
                />
              )}
            </Field>
          </>
        )}
        {progress && !done && share && !checking && (
          <>
            <ol
              aria-label={t('recovery.shares.list')}
              className="grid grid-cols-2 gap-x-6 rounded-lg border border-line px-4 py-3 min-[560px]:grid-cols-3"
            >
              {share.words.map((word, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a word may occur twice; its position is its identity
                <li key={i} className="flex items-baseline gap-2.5 border-b border-line py-1">
                  <span className="w-6 text-end text-sm text-ink-soft">{i + 1}</span>
                  <span className="font-mono text-base">{word}</span>
                </li>
              ))}
            </ol>
            {about.number > 1 && <p className="text-sm text-ink-soft">{t('recovery.shares.stopText')}</p>}
          </>
        )}
        {checking &&
          share?.check.map((index, i) => (
            <Field key={index} label={t('recovery.shares.word', { number: index + 1 })}>
              {(control) => (
                <Input
                  {...control}
                  autoFocus={i === 0}
                  className="font-mono"
                  value={typed[i] ?? ''}
                  onChange={(event) => setTyped(typed.map((old, at) => (at === i ? event.target.value : old)))}
                />
              )}
            </Field>
          ))}
        {done && (
          <p role="status">
            <State tone="ok">{t('recovery.shares.done')}</State>
          </p>
        )}
      </form>
    </Dialog>
  );
}
