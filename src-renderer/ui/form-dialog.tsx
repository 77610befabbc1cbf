import { type FormEvent, type ReactNode, useId } from 'react';
import { useT } from '../lib/i18n.ts';
import { Button } from './button.tsx';
import { Dialog, type DialogProps } from './dialog.tsx';
import { ErrorPanel } from './error-panel.tsx';

/** A dialog that asks for something and does one thing with it. Its fields are checked by `onSubmit`, not by the browser. */
export function FormDialog({
  submit,
  busy,
  error,
  onSubmit,
  onClose,
  children,
  ...dialog
}: Pick<DialogProps, 'title' | 'description' | 'width' | 'children'> & {
  /** What the main button does. */
  submit: ReactNode;
  busy: boolean;
  /** Why it could not be done; null while nothing went wrong. */
  error: unknown;
  onSubmit: () => void;
  onClose: () => void;
}) {
  const t = useT();
  const form = useId();
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <Dialog
      {...dialog}
      open
      onOpenChange={(open) => !open && onClose()}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="primary" type="submit" form={form} busy={busy}>
            {submit}
          </Button>
        </>
      }
    >
      <form id={form} noValidate onSubmit={send} className="flex flex-col gap-4">
        {children}
        {error != null && <ErrorPanel error={error} />}
      </form>
    </Dialog>
  );
}
