import { useT } from '../../../lib/i18n.ts';
import { TextLink } from '../../../ui/link-button.tsx';
import { MeshRoom } from '../mesh-room.tsx';
import { HttpApiSection } from './http-api.tsx';
import { TopicsSection } from './topics.tsx';

/** Who may send messages here, and whether programs may. */
export function RulesPage() {
  const t = useT();
  return (
    <MeshRoom here="messages" always>
      {(status) => (
        <div className="flex max-w-[760px] flex-col gap-8">
          <TextLink to="/mesh/messages" className="w-fit text-sm">
            {t('mesh.topics.back')}
          </TextLink>
          <TopicsSection strangers={status.settings.strangers} />
          <HttpApiSection />
        </div>
      )}
    </MeshRoom>
  );
}
