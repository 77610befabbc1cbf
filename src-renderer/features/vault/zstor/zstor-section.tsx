import { ArrowDownToLine, ArrowUpFromLine } from 'lucide-react';
import { useState } from 'react';
import type { TaskId } from '#shared/rpc/contract.ts';
import type { Out } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { Section } from '../../../ui/panel.tsx';
import { TaskPanel } from '../../tasks/task-panel.tsx';
import { ZstorExportDialog } from './export-dialog.tsx';
import { ZstorImportDialog } from './import-dialog.tsx';

type Started = { readonly task: TaskId; readonly way: 'in' | 'out' };

/** To and from a deployment of zstor, in its own format. */
export function ZstorSection({ ready }: { ready: boolean }) {
  const t = useT();
  const format = useFormat();
  const [asking, setAsking] = useState<Started['way'] | null>(null);
  const [started, setStarted] = useState<Started | null>(null);
  useWanted('vault.importZstor', () => setAsking('in'));
  useWanted('vault.exportZstor', () => setAsking('out'));
  const begun = (way: Started['way']) => (task: TaskId) => {
    setAsking(null);
    setStarted({ task, way });
  };
  const outcome = (way: Started['way'], result: unknown) => {
    const { files, bytes, skipped } = result as Out<'vault.importZstor'> | Out<'vault.exportZstor'>;
    const words = t(way === 'in' ? 'tasks.result.vault.importZstor' : 'tasks.result.vault.exportZstor', {
      count: files,
      size: format.bytes(bytes),
    });
    const left = skipped.length > 0 ? ` ${t('tasks.result.vault.skipped', { count: skipped.length })}` : '';
    return { good: left === '', text: `${words}${left}` };
  };
  return (
    <Section
      title={t('vault.zstor.title')}
      note={t('vault.zstor.note')}
      actions={
        <>
          <Button icon={ArrowDownToLine} disabled={!ready} onClick={() => setAsking('in')}>
            {t('vault.zstor.import')}
          </Button>
          <Button icon={ArrowUpFromLine} disabled={!ready} onClick={() => setAsking('out')}>
            {t('vault.zstor.export')}
          </Button>
        </>
      }
    >
      {started && <TaskPanel key={started.task} id={started.task} outcome={(result) => outcome(started.way, result)} />}
      {asking === 'in' && <ZstorImportDialog onClose={() => setAsking(null)} onStarted={begun('in')} />}
      {asking === 'out' && <ZstorExportDialog onClose={() => setAsking(null)} onStarted={begun('out')} />}
    </Section>
  );
}
