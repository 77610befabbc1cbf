import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';

/** The node's key is one of the device's keys, and those come with the identity. */
export function NeedsIdentity() {
  const t = useT();
  const configure = useAgentMutation('system.configure');
  return (
    <EmptyState
      title={t('mesh.noIdentity.title')}
      action={
        <Button tone="primary" busy={configure.isPending} onClick={() => configure.mutate({ onboarded: false })}>
          {t('home.next.identity')}
        </Button>
      }
    >
      {t('mesh.noIdentity.text')}
    </EmptyState>
  );
}
