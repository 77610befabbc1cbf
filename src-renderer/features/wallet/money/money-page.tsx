import { Send } from 'lucide-react';
import { useState } from 'react';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { ReceiveDialog } from '../receive/receive-dialog.tsx';
import { SendSheet } from '../send/send-sheet.tsx';
import { WalletRoom } from '../wallet-room.tsx';
import { BalanceList } from './balance-list.tsx';
import { Movements } from './movements.tsx';

/** What there is, and one list of what moved. */
export function MoneyPage() {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const [open, setOpen] = useState<'send' | 'receive' | null>(null);
  const balances = useAgentQuery('wallet.balances', {});
  useWanted('wallet.send', () => setOpen('send'));
  const close = () => setOpen(null);
  return (
    <WalletRoom
      here="money"
      action={
        <>
          <Button disabled={!ready} onClick={() => setOpen('receive')}>
            {t('wallet.receive.title')}
          </Button>
          <Button tone="primary" icon={Send} disabled={!ready} onClick={() => setOpen('send')}>
            {t('wallet.send.title')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-8">
        <BalanceList balances={balances} />
        <Movements />
      </div>
      {open === 'send' && <SendSheet onClose={close} />}
      {open === 'receive' && <ReceiveDialog onClose={close} />}
    </WalletRoom>
  );
}
