import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';

/** In the place of a page whose matters come with the keys of a person, while there is none; and the way there. */
export function NeedsIdentity({ title, text }: { title: string; text: string }) {
  const t = useT();
  const configure = useAgentMutation('system.configure');
  return (
    <EmptyState
      title={title}
      action={
        <Button tone="primary" busy={configure.isPending} onClick={() => configure.mutate({ onboarded: false })}>
          {t('home.next.identity')}
        </Button>
      }
    >
      {text}
    </EmptyState>
  );
}
