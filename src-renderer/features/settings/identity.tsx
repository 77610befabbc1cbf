import { useState } from 'react';
import { displayNameSchema } from '#shared/contract/identity.ts';
import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { useWanted } from '../../state/use-wanted.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/choice.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Input } from '../../ui/field.tsx';
import { State } from '../../ui/state.tsx';
import { CardViewer } from '../identity/card-viewer.tsx';
import { ConfirmPhraseDialog } from '../identity/confirm-phrase.tsx';
import { Devices } from '../identity/devices.tsx';
import { ChangePassphraseDialog, SecondFactorDialog } from '../identity/passphrase-dialogs.tsx';
import { Browsers } from './browsers.tsx';
import { Row } from './row.tsx';

type Open = 'passphrase' | 'phrase' | 'factor' | null;
const lockChoices = [0, 1, 5, 15, 30, 60, 240] as const;

export function IdentitySettings() {
  const t = useT();
  const { data: status } = useAgentQuery('identity.status', {});
  const configure = useAgentMutation('system.configure');
  const setAutoLock = useAgentMutation('identity.setAutoLock', { done: () => t('settings.changed') });
  const [open, setOpen] = useState<Open>(null);
  useWanted('identity.changePassphrase', () => setOpen('passphrase'));
  useWanted('identity.revealPhrase', () => setOpen('phrase'));
  useWanted('identity.setSecondFactor', () => setOpen('factor'));
  if (!status) return null;
  if (!status.person) {
    return (
      <EmptyState
        title={t('settings.identityNone')}
        action={
          <Button tone="primary" onClick={() => configure.mutate({ onboarded: false })}>
            {t('home.next.identity')}
          </Button>
        }
      />
    );
  }
  const factor = status.secondFactor;
  const minutes = [...new Set([...lockChoices, status.autoLockMinutes])].sort((a, b) => a - b);
  return (
    <>
      <NameRow name={status.person.name} />
      <Row
        label={t('settings.phrase.label')}
        hint={
          <State tone={status.person.phraseConfirmed ? 'ok' : 'attention'}>
            {status.person.phraseConfirmed ? t('settings.phrase.isConfirmed') : t('settings.phrase.notConfirmed')}
          </State>
        }
      >
        <Button onClick={() => setOpen('phrase')}>{t('settings.phrase.show')}</Button>
      </Row>
      <Row label={t('onboarding.protect.passphrase')} hint={t('settings.passphrase.hint')}>
        <Button onClick={() => setOpen('passphrase')}>{t('settings.passphrase.change')}</Button>
      </Row>
      <Row label={t('settings.autoLock')} hint={t('settings.autoLockHint')}>
        <Select
          label={t('settings.autoLock')}
          value={String(status.autoLockMinutes)}
          onChange={(value) => setAutoLock.mutate({ minutes: Number(value) })}
          options={minutes.map((m) => ({
            value: String(m),
            label: m === 0 ? t('common.never') : t('settings.afterMinutes', { count: m }),
          }))}
        />
      </Row>
      <Row label={t('settings.factor.label')} hint={factor.detail}>
        {factor.state === 'unavailable' ? (
          <State tone="idle">{t('settings.factor.unavailable')}</State>
        ) : (
          <Button onClick={() => setOpen('factor')}>
            {factor.state === 'on' ? t('settings.factor.turnOff') : t('settings.factor.turnOn')}
          </Button>
        )}
      </Row>
      <h3 className="pt-5 pb-1 text-sm font-semibold">{t('settings.devices.title')}</h3>
      <Devices />
      <h3 className="pt-5 pb-2 text-sm font-semibold">{t('settings.card.title')}</h3>
      <p className="pb-3 text-sm text-ink-soft">{t('settings.card.text')}</p>
      <CardViewer />
      <Browsers />
      {open === 'passphrase' && <ChangePassphraseDialog onClose={() => setOpen(null)} />}
      {open === 'phrase' && <ConfirmPhraseDialog onClose={() => setOpen(null)} />}
      {open === 'factor' && factor.state !== 'unavailable' && (
        <SecondFactorDialog on={factor.state === 'off'} onClose={() => setOpen(null)} />
      )}
    </>
  );
}

function NameRow({ name }: { name: string }) {
  const t = useT();
  const [typed, setTyped] = useState<string | null>(null);
  const rename = useAgentMutation('identity.rename', {
    done: () => t('settings.changed'),
    onDone: () => setTyped(null),
  });
  const value = typed ?? name;
  const parsed = displayNameSchema.safeParse(value);
  return (
    <Row label={t('settings.name')} hint={t('onboarding.who.nameHint')}>
      <form
        className="flex min-w-0 gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (parsed.success) rename.mutate({ name: parsed.data });
        }}
      >
        <Input
          aria-label={t('settings.name')}
          className="w-52 min-w-0"
          maxLength={64}
          value={value}
          onChange={(e) => setTyped(e.target.value)}
        />
        <Button type="submit" busy={rename.isPending} disabled={!parsed.success || parsed.data === name}>
          {t('common.save')}
        </Button>
      </form>
    </Row>
  );
}
