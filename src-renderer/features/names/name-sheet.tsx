import { useState } from 'react';
import type { NameEntry } from '#shared/contract/names.ts';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useLink } from '../../lib/agent/provider.tsx';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Switch } from '../../ui/choice.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { Section } from '../../ui/panel.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import { RecordFacts } from './record-facts.tsx';

/** One of the person's names: what it points to, and what can be done with it. */
export function NameSheet({ entry, onClose }: { entry: NameEntry; onClose: () => void }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const [releasing, setReleasing] = useState(false);
  const [what, setWhat] = useState({ person: true, mesh: true, wallet: true });
  const which = { name: entry.label, ledger: entry.ledger.chain };
  const renew = useAgentMutation('names.renew', { done: () => t('names.renewed', { name: entry.full }) });
  const publish = useAgentMutation('names.publish', { done: () => t('names.published', { name: entry.full }) });
  const release = useAgentMutation('names.release', { done: () => t('names.released', { name: entry.full }) });
  return (
    <Sheet open onOpenChange={(open) => !open && onClose()} title={entry.full}>
      <div className="flex flex-col gap-6">
        <RecordFacts entry={entry} />
        <Section title={t('names.publishTitle')} note={t('names.publishNote')}>
          <div className="flex flex-col gap-2">
            {(['person', 'mesh', 'wallet'] as const).map((part) => (
              <Switch
                key={part}
                checked={what[part]}
                onChange={(checked) => setWhat((before) => ({ ...before, [part]: checked }))}
                label={t(`names.publishPart.${part}`)}
              />
            ))}
            <div>
              <Button
                tone="primary"
                disabled={!ready || entry.state !== 'held'}
                busy={publish.isPending}
                onClick={() => publish.mutate({ ...which, ...what, services: entry.record?.services ?? [] })}
              >
                {t('names.publish')}
              </Button>
            </div>
          </div>
        </Section>
        <Section title={t('names.keepTitle')} note={t('names.keepNote')}>
          <div className="flex flex-wrap gap-2">
            <Button disabled={!ready} busy={renew.isPending} onClick={() => renew.mutate(which)}>
              {t('names.renew')}
            </Button>
            <Button tone="danger" disabled={!ready} onClick={() => setReleasing(true)}>
              {t('names.release')}
            </Button>
          </div>
        </Section>
      </div>
      {releasing && (
        <ConfirmDialog
          open
          onOpenChange={setReleasing}
          title={t('names.releaseTitle', { name: entry.full })}
          action={t('names.release')}
          onConfirm={async () => {
            await release.mutateAsync(which);
            onClose();
          }}
        >
          <p>{t('names.releaseText')}</p>
        </ConfirmDialog>
      )}
    </Sheet>
  );
}
