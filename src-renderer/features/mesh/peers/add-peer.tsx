import { Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { toFailure, useFailureText } from '../../../lib/failure.ts';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button, type ButtonTone } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Checkbox, Field, Input } from '../../../ui/field.tsx';
import { toast } from '../../../ui/toast.tsx';
import { readPeer } from './peer-link.ts';

/** The button and its dialog. */
export function AddPeer({
  tone,
  given,
  onClose,
}: {
  tone?: ButtonTone;
  /** A link that is already there: the dialog is open with it. */
  given?: string | undefined;
  onClose?: () => void;
}) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const [open, setOpen] = useState(given !== undefined);
  const close = () => {
    setOpen(false);
    onClose?.();
  };
  useWanted('mesh.addPeer', () => setOpen(true));
  return (
    <>
      <Button tone={tone ?? 'plain'} icon={Plus} disabled={!ready} onClick={() => setOpen(true)}>
        {t('mesh.addPeer.action')}
      </Button>
      {open && <AddPeerDialog given={given ?? ''} onClose={close} />}
    </>
  );
}

function AddPeerDialog({ given, onClose }: { given: string; onClose: () => void }) {
  const t = useT();
  const failureText = useFailureText();
  const [text, setText] = useState(given);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [wrong, setWrong] = useState<string>();
  const add = useAgentMutation('mesh.addPeer', { quiet: true });
  const found = readPeer(text) ?? [];
  const wanted = found.filter((endpoint) => !left.has(endpoint));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (found.length === 0) return setWrong(t('mesh.addPeer.unreadable'));
    if (wanted.length === 0) return setWrong(t('mesh.addPeer.noneChosen'));
    let added = 0;
    for (const endpoint of wanted) {
      try {
        await add.mutateAsync({ endpoint });
        added += 1;
      } catch (error) {
        const failure = toFailure(error);
        // Of several ways to one node some may be there already; that one alone is there is worth saying.
        if (failure.code === 'ALREADY_EXISTS' && wanted.length > 1) continue;
        const { message, next } = failureText(failure);
        return setWrong([message, next].filter(Boolean).join(' '));
      }
    }
    toast.done(t('mesh.addPeer.done', { count: added }));
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('mesh.addPeer.action')}
      description={t('mesh.addPeer.text')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="primary" type="submit" form="add-peer" busy={add.isPending}>
            {t('mesh.addPeer.connect')}
          </Button>
        </>
      }
    >
      <form id="add-peer" noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <Field label={t('mesh.addPeer.field')} hint={t('mesh.addPeer.hint')} error={wrong} required>
          {(control) => (
            <Input
              {...control}
              autoFocus
              dir="ltr"
              className="font-mono text-sm!"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setWrong(undefined);
              }}
            />
          )}
        </Field>
        {found.length > 1 && (
          <fieldset className="flex flex-col gap-2">
            <legend className="mb-2 text-sm font-medium">{t('mesh.addPeer.several')}</legend>
            {found.map((endpoint) => (
              <Checkbox
                key={endpoint}
                checked={!left.has(endpoint)}
                onChange={(on) => {
                  const next = new Set(left);
                  if (on) next.delete(endpoint);
                  else next.add(endpoint);
                  setLeft(next);
                  setWrong(undefined);
                }}
              >
                <span className="font-mono text-sm wrap-anywhere">{endpoint}</span>
              </Checkbox>
            ))}
          </fieldset>
        )}
      </form>
    </Dialog>
  );
}
