import type { Movement } from '#shared/contract/wallet/movements.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Address } from '../../../ui/address.tsx';
import { Button } from '../../../ui/button.tsx';
import { Copyable } from '../../../ui/copyable.tsx';
import { Facts, Notice } from '../../../ui/panel.tsx';
import { Sheet } from '../../../ui/sheet.tsx';
import { State } from '../../../ui/state.tsx';
import { movementTone } from './movement-words.ts';

/** One movement: how it stands, what proves it, and what can still be done about it. */
export function MovementSheet({ movement, onClose }: { movement: Movement; onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const ready = useLink().phase === 'ready';
  const hasten = useAgentMutation('wallet.hasten', { done: () => t('wallet.movement.hastened') });
  const takeBack = useAgentMutation('wallet.takeBack', { done: () => t('wallet.movement.takenBack') });
  const id = { movement: movement.hash };
  const free = movement.fee === null;
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('wallet.movement.title')}
      footer={
        movement.open && (
          <>
            <Button disabled={!ready} busy={takeBack.isPending} onClick={() => takeBack.mutate(id)}>
              {t('wallet.movement.takeBack')}
            </Button>
            {!free && (
              <Button disabled={!ready} busy={hasten.isPending} onClick={() => hasten.mutate(id)}>
                {t('wallet.movement.hasten')}
              </Button>
            )}
          </>
        )
      }
    >
      <div className="flex flex-col gap-4 px-5 py-4">
        <p className="text-lg font-semibold wrap-anywhere">{movement.words}</p>
        <State tone={movementTone[movement.state]}>{t(`wallet.movement.${movement.state}`)}</State>
        {movement.state !== 'done' && <Notice>{t(`wallet.movement.means.${movement.state}`)}</Notice>}
        <Facts
          rows={[
            ...(movement.sum === null ? [] : [{ label: t('money.amount'), value: movement.sum.text }]),
            ...(movement.other === null
              ? []
              : [
                  {
                    label: t(movement.direction === 'in' ? 'wallet.movement.from' : 'wallet.movement.to'),
                    value: <Address address={movement.other.address} name={movement.other.name} />,
                  },
                ]),
            { label: t('wallet.movement.account'), value: <Address address={movement.account} /> },
            { label: t('wallet.movement.chain'), value: <bdi>{movement.chainName}</bdi> },
            { label: t('wallet.movement.at'), value: format.exact(movement.at) },
            ...(movement.fee === null ? [] : [{ label: t('wallet.movement.fee'), value: movement.fee.text }]),
            ...(movement.note === null ? [] : [{ label: t('wallet.send.note'), value: movement.note }]),
            ...(movement.block === null
              ? []
              : [{ label: t('wallet.movement.block'), value: format.number(movement.block) }]),
            {
              label: t('deals.transaction'),
              value: <Copyable value={movement.hash} what={t('deals.transaction')} />,
            },
          ]}
        />
      </div>
    </Sheet>
  );
}
