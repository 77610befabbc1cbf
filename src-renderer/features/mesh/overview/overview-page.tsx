import { ArrowRight } from 'lucide-react';
import type { MeshStatus } from '#shared/contract/mesh/index.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { TextLink } from '../../../ui/link-button.tsx';
import { Notice, Section } from '../../../ui/panel.tsx';
import { State } from '../../../ui/state.tsx';
import { Time } from '../../../ui/time.tsx';
import { MeshRoom } from '../mesh-room.tsx';
import { AddPeer } from '../peers/add-peer.tsx';
import { nodeWords } from '../words.ts';
import { MyAddress } from './my-address.tsx';
import { PeersAtAGlance } from './peers-at-a-glance.tsx';
import { TrafficSection } from './traffic-section.tsx';

/** Am I on the mesh, who am I there, and what goes through me. */
export function OverviewPage() {
  const t = useT();
  // This page is all that there is to show: the wish ends here.
  useWanted('mesh.status', () => {});
  useWanted('mesh.join', () => {});
  return (
    <MeshRoom here="overview" action={<AddPeer tone="primary" />}>
      {(status) => (
        <div className="flex flex-col gap-8">
          <Head status={status} />
          <MyAddress status={status} />
          <TrafficSection status={status} />
          <Section
            title={t('mesh.nav.peers')}
            actions={
              <TextLink to="/mesh/peers" className="inline-flex items-center gap-1 text-sm">
                {t('mesh.overview.allPeers')}
                <ArrowRight aria-hidden className="size-3.5 rtl:rotate-180" strokeWidth={1.75} />
              </TextLink>
            }
          >
            <PeersAtAGlance />
          </Section>
        </div>
      )}
    </MeshRoom>
  );
}

function Head({ status }: { status: MeshStatus }) {
  const t = useT();
  const format = useFormat();
  const { tone, word } = nodeWords(status);
  const facts = [
    t('mesh.overview.peers', { count: status.peers.known, connected: format.number(status.peers.connected) }),
    t('mesh.overview.routes', { count: status.routes }),
  ];
  return (
    <div className="flex flex-col gap-3">
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <span role="status">
          <State tone={tone}>{t(word)}</State>
        </span>
        <span className="text-ink-soft">
          {facts.join(' · ')}
          {status.startedAt !== null && (
            <>
              {' · '}
              {t('mesh.overview.since')} <Time at={status.startedAt} />
            </>
          )}
        </span>
      </p>
      {status.state === 'on' && status.peers.connected === 0 && (
        <Notice>
          <p className="font-medium">{t('mesh.overview.alone')}</p>
          <p>{t('mesh.overview.aloneText')}</p>
        </Notice>
      )}
      {status.state === 'on' && status.detail && <Notice>{status.detail}</Notice>}
    </div>
  );
}
