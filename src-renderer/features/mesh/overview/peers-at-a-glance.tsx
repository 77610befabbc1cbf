import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { Sparkline } from '../../../ui/sparkline.tsx';
import { State } from '../../../ui/state.tsx';
import { byState, topRate } from '../peers/peer-order.ts';
import { usePeerEnds, usePeers } from '../use-mesh.ts';
import { formatMs, peerWords, shortEndpoint } from '../words.ts';

const shown = 6;

/** The nearest peers in one line each. */
export function PeersAtAGlance() {
  const t = useT();
  const format = useFormat();
  const { data } = usePeers();
  const ends = usePeerEnds();
  if (!data) return <Skeleton className="h-36" />;
  if (data.peers.length === 0) return <p className="text-sm text-ink-soft">{t('mesh.peers.none')}</p>;
  const peers = [...data.peers].sort(byState).slice(0, shown);
  const top = topRate(peers);
  return (
    <ul aria-label={t('mesh.nav.peers')} className="text-sm">
      {peers.map((peer) => {
        const { tone, word } = peerWords(peer);
        const name = ends.get(peer.endpoint)?.name;
        return (
          <li
            key={peer.endpoint}
            className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-5 border-b border-line py-2 last:border-b-0 min-[700px]:grid-cols-[minmax(0,1fr)_9rem_5rem_6rem]"
          >
            <span className="min-w-0 truncate">
              {name && <bdi className="me-2 font-medium">{name}</bdi>}
              <bdi className={name ? 'font-mono text-xs text-ink-soft' : 'font-mono text-xs'}>
                {shortEndpoint(peer.endpoint)}
              </bdi>
            </span>
            <State tone={tone}>{t(word)}</State>
            <span className="text-end max-[699px]:hidden">
              {peer.rtt === null ? '–' : formatMs(peer.rtt, format.number)}
            </span>
            <span className="flex justify-end max-[699px]:hidden">
              <Sparkline values={peer.traffic.map((one) => one.received + one.sent)} top={top} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}
