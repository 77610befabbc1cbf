import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { useT } from '../../lib/i18n.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Page } from './page.tsx';

/** A fault in one page stays in that page; the frame and everything else go on. */
export function PageFault({ error, reset }: ErrorComponentProps) {
  const t = useT();
  const router = useRouter();
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
