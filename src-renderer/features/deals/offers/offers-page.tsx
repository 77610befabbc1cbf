import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { OfferView } from '#shared/contract/deals.ts';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Section } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { WalletRoom } from '../../wallet/wallet-room.tsx';
import { OfferDialog } from './offer-dialog.tsx';
import { OfferSheet } from './offer-sheet.tsx';
import { OfferTable } from './offer-table.tsx';
import { OpenOffer } from './open-offer.tsx';

/** What was offered to the person, and what the person offers. */
export function OffersPage() {
  const t = useT();
  const navigate = useNavigate();
  const ready = useLink().phase === 'ready';
  // A link that the system handed over: it is shown, and accepted only by a button.
  const { offer: handed } = useParams({ strict: false }) as { offer?: string };
  const { data, error, refetch } = useAgentQuery('deals.offers', {});
  const [dialog, setDialog] = useState<'make' | 'open' | null>(handed === undefined ? null : 'open');
  const [shown, setShown] = useState<OfferView | null>(null);
  useWanted('deals.offer', () => setDialog('make'));
  useWanted('deals.look', () => setDialog('open'));
  const offers = data?.offers;
  const by = (role: OfferView['role']) => (offers ?? []).filter((offer) => offer.role === role);
  const close = () => {
    setDialog(null);
    if (handed !== undefined) void navigate({ to: '/wallet/offers', replace: true });
  };
  return (
    <WalletRoom
      here="offers"
      action={
        <>
          <Button disabled={!ready} onClick={() => setDialog('open')}>
            {t('deals.openOffer')}
          </Button>
          <Button tone="primary" disabled={!ready} onClick={() => setDialog('make')}>
            {t('deals.makeOffer')}
          </Button>
        </>
      }
    >
      {error && !offers ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : !offers ? (
        <Skeleton className="h-60" />
      ) : offers.length === 0 ? (
        <EmptyState title={t('deals.noOffers')}>{t('deals.noOffersText')}</EmptyState>
      ) : (
        <div className="flex flex-col gap-8">
          {(['received', 'made'] as const).map(
            (role) =>
              by(role).length > 0 && (
                <Section key={role} title={t(`deals.offers.${role}`)}>
                  <OfferTable label={t(`deals.offers.${role}`)} offers={by(role)} onOpen={setShown} />
                </Section>
              ),
          )}
        </div>
      )}
      {dialog === 'make' && (
        <OfferDialog
          onClose={close}
          onMade={(offer) => {
            close();
            setShown(offer);
          }}
        />
      )}
      {dialog === 'open' && (
        <OpenOffer
          given={handed === undefined ? '' : `hypha://offer/${handed}`}
          onClose={close}
          onFound={(offer) => {
            close();
            setShown(offer);
          }}
        />
      )}
      {shown && (
        <OfferSheet offer={offers?.find(({ id }) => id === shown.id) ?? shown} onClose={() => setShown(null)} />
      )}
    </WalletRoom>
  );
}
