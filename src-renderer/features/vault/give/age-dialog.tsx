import { RefreshCw } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { VaultItem } from '#shared/contract/vault.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { type Out, useAgentMutation, useTask } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFailureText } from '../../../lib/failure.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Copyable } from '../../../ui/copyable.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { TaskPanel } from '../../tasks/task-panel.tsx';
import { shownName } from '../browse/shown-name.ts';
import { TargetField, useTarget } from '../save/target-field.tsx';
import { openCommand } from './open-command.ts';
import { usePassphrase } from './use-passphrase.ts';

const shortest = 12;

/** A copy of a file for somebody who does not use Hypha: an age file, and the passphrase that opens it. */
export function AgeDialog({ item, onClose }: { item: VaultItem; onClose: () => void }) {
  const t = useT();
  const failureText = useFailureText();
  const ready = useLink().phase === 'ready';
  const target = useTarget();
  const passphrase = usePassphrase();
  const [tried, setTried] = useState(false);
  const [task, setTask] = useState<TaskId | null>(null);
  const write = useAgentMutation('vault.exportAge', { quiet: true, onDone: ({ task: id }) => setTask(id) });
  const state = useTask(task)?.state;
  const short = passphrase.value.length < shortest;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (target.to !== null && !short) {
      write.mutate({ item: item.id, to: target.to, filePassphrase: passphrase.value });
    }
  };
  const failure = write.error && failureText(write.error);
  const targetError = failure
    ? [failure.message, failure.next].filter(Boolean).join(' ')
    : tried && target.to === null
      ? t('vault.save.notWhole')
      : undefined;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('vault.age.title', { name: shownName(item.name) })}
      {...(task === null ? { description: t('vault.age.text') } : {})}
      footer={
        task === null ? (
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button
              tone="primary"
              type="submit"
              form="lock-item"
              busy={write.isPending}
              disabled={!ready || !target.info}
            >
              {t('vault.age.do')}
            </Button>
          </>
        ) : (
          <>
            {state !== undefined && state !== 'running' && state !== 'done' && (
              <Button onClick={() => setTask(null)}>{t('common.back')}</Button>
            )}
            <Button onClick={onClose}>{t('common.close')}</Button>
          </>
        )
      }
    >
      {task === null ? (
        <form id="lock-item" noValidate onSubmit={submit} className="flex flex-col gap-4">
          <TargetField target={target} error={targetError} autoFocus onChange={write.reset} />
          <Field
            label={t('vault.age.passphrase')}
            hint={t('vault.age.passphraseHint')}
            error={tried && short ? t('vault.age.short') : undefined}
            required
          >
            {(control) => (
              <Input
                {...control}
                dir="ltr"
                className="font-mono text-sm"
                autoComplete="off"
                spellCheck={false}
                value={passphrase.value}
                onChange={(event) => passphrase.type(event.target.value)}
              />
            )}
          </Field>
          <div>
            <Button size="small" icon={RefreshCw} disabled={!ready} onClick={passphrase.another}>
              {t('vault.age.another')}
            </Button>
          </div>
        </form>
      ) : (
        <Locking id={task} passphrase={passphrase.value} />
      )}
    </Dialog>
  );
}

function Locking({ id, passphrase }: { id: TaskId; passphrase: string }) {
  const t = useT();
  const format = useFormat();
  const [path, setPath] = useState<string | null>(null);
  return (
    <div className="flex flex-col gap-4 text-sm">
      <TaskPanel
        id={id}
        onDone={(task) => setPath((task.result as Out<'vault.exportAge'>).path)}
        outcome={(result) => {
          const { path: written, bytes } = result as Out<'vault.exportAge'>;
          return { good: true, text: t('vault.age.done', { size: format.bytes(bytes), path: written }) };
        }}
      />
      {path !== null && (
        <>
          <div>
            <p>{t('vault.age.tell')}</p>
            <Copyable whole value={openCommand(path)} what={t('vault.age.tell')} />
          </div>
          <div>
            <p>{t('vault.age.remember')}</p>
            <Copyable whole value={passphrase} what={t('vault.age.passphrase')} />
          </div>
        </>
      )}
    </div>
  );
}
