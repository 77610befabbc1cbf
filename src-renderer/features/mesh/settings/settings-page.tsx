import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { Section } from '../../../ui/panel.tsx';
import { MeshRoom } from '../mesh-room.tsx';
import { PartSection } from './part-section.tsx';
import { PrivateNetwork } from './private-network.tsx';

/** How this node takes part, and the way out. */
export function MeshSettingsPage() {
  useWanted('mesh.configure', () => {});
  return (
    <MeshRoom here="settings">
      {(status) => (
        <div className="flex max-w-[760px] flex-col gap-8">
          <PartSection status={status} />
          <PrivateNetwork status={status} />
          <Leave />
        </div>
      )}
    </MeshRoom>
  );
}

function Leave() {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const leave = useAgentMutation('mesh.leave', { done: () => t('mesh.leave.done') });
  return (
    <Section title={t('mesh.leave.title')} note={t('mesh.leave.text')}>
      <Button disabled={!ready} busy={leave.isPending} onClick={() => leave.mutate({})}>
        {t('mesh.leave.title')}
      </Button>
    </Section>
  );
}
