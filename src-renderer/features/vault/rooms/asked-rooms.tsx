import { HandHelping } from 'lucide-react';
import { useState } from 'react';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Section } from '../../../ui/panel.tsx';
import { RoomDialog } from './room-dialog.tsx';
import { useWhose } from './whose.ts';

/** An answer comes from another computer: no event of this one tells of it before it was asked for. */
const lookMs = 10_000;

/** The room that contacts were asked for: what they said, and the step from there to a place. */
export function AskedRooms({ ready }: { ready: boolean }) {
  const t = useT();
  const format = useFormat();
  const whose = useWhose();
  const { data } = useAgentQuery('vault.askedRooms', {}, { everyMs: lookMs });
  const [asking, setAsking] = useState(false);
  const ask = useAgentMutation('vault.askRoom', { quiet: true, onDone: () => setAsking(false) });
  const forget = useAgentMutation('vault.withdrawRoom', {});
  const use = useAgentMutation('vault.addPlace', {
    quiet: true,
    done: (_, output) => t('vault.places.added', { name: output.place.name }),
  });
  const rooms = data?.rooms ?? [];
  return (
    <Section
      title={t('vault.rooms.asked')}
      note={t('vault.rooms.askedNote')}
      actions={
        <Button icon={HandHelping} disabled={!ready} onClick={() => setAsking(true)}>
          {t('vault.rooms.ask')}
        </Button>
      }
    >
      {rooms.length === 0 ? (
        <p className="text-sm text-ink-soft">{t('vault.rooms.askedNone')}</p>
      ) : (
        <ul aria-label={t('vault.rooms.asked')} className="flex flex-col divide-y divide-line">
          {rooms.map(({ contact, name, bytes, state, agreed, used }) => (
            <li key={contact} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-2">
              <span className="min-w-0 grow">
                <bdi className="font-medium">{whose(name)}</bdi>{' '}
                <span className="text-sm text-ink-soft">
                  {state === 'agreed'
                    ? t('vault.rooms.state.agreed', { size: format.bytes(agreed) })
                    : `${t('vault.rooms.wanted', { size: format.bytes(bytes) })} · ${t(`vault.rooms.state.${state}`)}`}
                </span>
              </span>
              {used ? (
                <span className="text-sm text-ink-soft">{t('vault.rooms.inUse')}</span>
              ) : (
                <>
                  {state === 'agreed' && (
                    <Button
                      disabled={!ready}
                      busy={use.isPending}
                      onClick={() => use.mutate({ kind: 'friend', contact: `@${contact}` })}
                    >
                      {t('vault.rooms.use')}
                    </Button>
                  )}
                  <Button disabled={!ready} onClick={() => forget.mutate({ contact: `@${contact}` })}>
                    {t('vault.rooms.forget')}
                  </Button>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      {use.error && <ErrorPanel error={use.error} />}
      {asking && (
        <RoomDialog
          title={t('vault.rooms.askTitle')}
          text={t('vault.rooms.askText')}
          action={t('vault.rooms.send')}
          gib="20"
          busy={ask.isPending}
          error={ask.error}
          onDone={(contact, gib) => ask.mutate({ contact, gib })}
          onClose={() => setAsking(false)}
        />
      )}
    </Section>
  );
}
