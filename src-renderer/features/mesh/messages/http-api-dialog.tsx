import { type FormEvent, useState } from 'react';
import type { HttpApi } from '#shared/contract/mesh/index.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, Input, TextArea } from '../../../ui/field.tsx';
import { Notice } from '../../../ui/panel.tsx';
import { readPort } from '../services/ports.ts';

/** What it means to let every program of this computer in, and for which topics. */
export function HttpApiDialog({ api, onClose }: { api: HttpApi; onClose: () => void }) {
  const t = useT();
  const [topics, setTopics] = useState(api.topics.join('\n'));
  const [port, setPort] = useState(String(api.port ?? 8989));
  const [tried, setTried] = useState(false);
  const set = useAgentMutation('mesh.setHttpApi', { quiet: true, onDone: onClose });
  const listens = readPort(port);
  const passing = [...new Set(topics.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()])))];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (listens !== null) set.mutate({ on: true, topics: passing, port: listens });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('mesh.http.askTitle')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="danger" type="submit" form="http-api" busy={set.isPending}>
            {t(api.on ? 'mesh.http.change' : 'mesh.http.on')}
          </Button>
        </>
      }
    >
      <form id="http-api" noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Notice tone="attention">{t('mesh.http.askText')}</Notice>
        <Field label={t('mesh.http.topics')} hint={t('mesh.http.topicsHint')}>
          {(control) => (
            <TextArea {...control} rows={3} value={topics} onChange={(event) => setTopics(event.target.value)} />
          )}
        </Field>
        <Field
          label={t('mesh.http.port')}
          error={tried && listens === null ? t('mesh.port.wrong') : undefined}
          className="max-w-40"
        >
          {(control) => (
            <Input {...control} inputMode="numeric" value={port} onChange={(event) => setPort(event.target.value)} />
          )}
        </Field>
        {set.error && <ErrorPanel error={set.error} />}
      </form>
    </Dialog>
  );
}
