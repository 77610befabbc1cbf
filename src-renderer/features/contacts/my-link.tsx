import { Copy, Download } from 'lucide-react';
import { useAgentQuery } from '../../lib/agent/hooks.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { saveText } from '../../lib/save-text.ts';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Section } from '../../ui/panel.tsx';
import { QrCode } from '../../ui/qr-code.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { toast } from '../../ui/toast.tsx';

/** One's own card: the whole link to be sent, the short one to be scanned. */
export function MyLink() {
  const t = useT();
  const format = useFormat();
  const { data, error, refetch } = useAgentQuery('contacts.myCard', {});
  const copy = (link: string) =>
    void navigator.clipboard.writeText(link).then(() => toast.done(t('contacts.mine.copied')));
  return (
    <Section title={t('contacts.mine.title')} note={t('contacts.mine.note')}>
      {error && !data ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton className="h-44" />
      ) : (
        <div className="flex flex-wrap items-start gap-6">
          <div className="flex min-w-0 grow basis-72 flex-col gap-3 text-sm">
            <div className="flex flex-wrap gap-2">
              <Button icon={Copy} onClick={() => copy(data.link)}>
                {t('contacts.mine.copy')}
              </Button>
              <Button icon={Download} onClick={() => saveText('hypha-contact.txt', `${data.link}\n`, 'text/plain')}>
                {t('contacts.mine.save')}
              </Button>
            </div>
            <p className="text-ink-soft">{t('contacts.mine.until', { date: format.date(data.expiresAt) })}</p>
            <div>
              <p className="font-medium">{t('contacts.mine.short')}</p>
              <p className="text-ink-soft">{t('contacts.mine.shortNote')}</p>
              <Copyable value={data.shortLink} what={t('contacts.mine.short')} className="mt-1" />
            </div>
          </div>
          <QrCode
            text={data.shortLink}
            label={t('contacts.mine.code')}
            level="L"
            className="w-48 shrink-0 rounded-md border border-line"
          />
        </div>
      )}
    </Section>
  );
}
