import type { ReactNode } from 'react';
import type { MeshStatus } from '#shared/contract/mesh/index.ts';
import { Page, type PageProps } from '../../app/frame/page.tsx';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useLink } from '../../lib/agent/provider.tsx';
import { useCoreWords } from '../../lib/core-words.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Notice } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { NeedsIdentity } from '../identity/needs-identity.tsx';
import { JoinPanel } from './join/join-panel.tsx';
import { MeshNav, type MeshPart } from './mesh-nav.tsx';
import { useMeshStatus } from './use-mesh.ts';

export interface MeshRoomProps extends Pick<PageProps, 'fixed' | 'width'> {
  here: MeshPart;
  /** The primary action; shown once on the mesh. */
  action?: ReactNode;
  /** Also shown to who is not on the mesh (messages are kept). */
  always?: boolean;
  children: (status: MeshStatus) => ReactNode;
}

/** What the pages of this room share: its state, its parts, and the way in. */
export function MeshRoom({ here, action, always = false, children, ...page }: MeshRoomProps) {
  const t = useT();
  const { data: status, error, refetch } = useMeshStatus();
  const inside = status !== undefined && (always || (status.state !== 'off' && status.state !== 'no-identity'));
  return (
    <Page title={t('mesh.title')} action={inside ? action : undefined} {...page}>
      {!status ? (
        error && error.code !== 'DISCONNECTED' ? (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        ) : (
          <Skeleton className="h-60" />
        )
      ) : inside ? (
        <>
          <MeshNav here={here} />
          {status.state === 'failed' && <Failed detail={status.detail} />}
          {children(status)}
        </>
      ) : status.state === 'no-identity' || status.address === null ? (
        <NeedsIdentity title={t('mesh.noIdentity.title')} text={t('mesh.noIdentity.text')} />
      ) : (
        <JoinPanel status={status} />
      )}
    </Page>
  );
}

function Failed({ detail }: { detail: string }) {
  const t = useT();
  const said = useCoreWords();
  const ready = useLink().phase === 'ready';
  const join = useAgentMutation('mesh.join');
  return (
    <div role="status" className="shrink-0 pb-5">
      <Notice
        tone="danger"
        action={
          <Button disabled={!ready} busy={join.isPending} onClick={() => join.mutate({})}>
            {t('mesh.failed.again')}
          </Button>
        }
      >
        <p className="font-medium">{t('mesh.failed.title')}</p>
        <p>{said('mesh.said.state', detail)}</p>
      </Notice>
    </div>
  );
}
