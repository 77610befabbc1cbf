import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { useLink } from '../../lib/agent/provider.tsx';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { PageNotLoaded } from '../lazy-page.ts';
import { Page } from './page.tsx';

/** A fault in one page stays in that page; the frame and everything else go on. */
export function PageFault({ error, reset }: ErrorComponentProps) {
  const t = useT();
  const router = useRouter();
  const away = useLink().phase !== 'ready';
  if (error instanceof PageNotLoaded) {
    // A browser remembers code that did not come for as long as the window is not loaded anew.
    return (
      <Page title={t('frame.fault.notLoaded')}>
        <EmptyState
          title={t('frame.fault.notLoaded')}
          action={
            <Button disabled={away} onClick={() => window.location.reload()}>
              {t('frame.fault.load')}
            </Button>
          }
        >
          {t('frame.fault.notLoadedText')}
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page title={t('frame.fault.title')}>
      <ErrorPanel
        error={{
          code: 'INTERNAL',
          message: t('frame.fault.message'),
          meaning: t('frame.fault.meaning'),
          next: t('frame.fault.next'),
          data: {
            error: String(error),
            stack: error instanceof Error ? error.stack?.split('\n').slice(0, 6) : undefined,
          },
        }}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </Page>
  );
}
