import { Trash2 } from 'lucide-react';
import type { PublicChain } from '#shared/contract/ledger/public.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { IconButton } from '../../../ui/button.tsx';
import { State, type Tone } from '../../../ui/state.tsx';

type Rpc = PublicChain['rpcs'][number];
const tone: Readonly<Record<Rpc['state'], Tone>> = {
  new: 'waiting',
  good: 'ok',
  late: 'attention',
  away: 'attention',
  wrongChain: 'danger',
  differs: 'danger',
};

/** Who answers for a chain, and whether it can be believed. */
export function RpcList({ chain }: { chain: PublicChain }) {
  const t = useT();
  const format = useFormat();
  const ready = useLink().phase === 'ready';
  const remove = useAgentMutation('ledger.removeRpc');
  return (
    <ul aria-label={t('ledger.chains.rpcs', { name: chain.name })} className="text-sm">
      {chain.rpcs.map((rpc) => (
        <li key={rpc.id} className="flex flex-wrap items-center gap-x-4 border-b border-line py-1.5 last:border-b-0">
          <bdi className="min-w-0 grow basis-40 font-mono wrap-anywhere">{rpc.shown}</bdi>
          {rpc.unencrypted && <span className="text-ink-soft">{t('ledger.chains.unencrypted')}</span>}
          {rpc.block !== null && (
            <span className="text-ink-soft">{t('ledger.chains.block', { number: format.number(rpc.block) })}</span>
          )}
          <State tone={tone[rpc.state]}>{t(`ledger.chains.state.${rpc.state}`)}</State>
          <IconButton
            size="small"
            icon={Trash2}
            label={t('ledger.chains.forgetRpc', { name: rpc.shown })}
            disabled={!ready || chain.rpcs.length === 1}
            onClick={() => remove.mutate({ chain: chain.ref, id: rpc.id })}
          />
          {rpc.why !== null && <p className="basis-full text-ink-soft">{rpc.why}</p>}
        </li>
      ))}
    </ul>
  );
}
