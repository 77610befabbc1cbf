import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { useT } from '../lib/i18n.ts';
import { Button, IconButton } from './button.tsx';
import { cx } from './cx.ts';
import { focusSelf } from './focus-self.ts';
import { keepFocus } from './keep-focus.ts';
import { useSecondClick } from './second-click.ts';

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** One sentence under the title. */
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons, the main one last. */
  footer?: ReactNode;
  width?: 'narrow' | 'normal' | 'wide';
  /** A click beside it or Escape does not close it (a consent question must be answered). */
  insistent?: boolean;
}

const widths = { narrow: 'max-w-[420px]', normal: 'max-w-[560px]', wide: 'max-w-[820px]' } as const;

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  footer,
  width = 'normal',
  insistent,
}: DialogProps) {
  const t = useT();
  const secondClick = useSecondClick(open);
  const hold = insistent ? (event: Event) => event.preventDefault() : undefined;
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay onMouseDown={keepFocus} className="appear fixed inset-0 z-40 bg-veil" />
        <Radix.Content
          onOpenAutoFocus={focusSelf}
          {...(description ? {} : { 'aria-describedby': undefined })}
          onEscapeKeyDown={hold}
          onPointerDownOutside={hold ?? secondClick}
          onInteractOutside={hold}
          className={cx(
            'appear-float outline-none fixed inset-x-4 top-[12vh] z-40 mx-auto flex max-h-[76vh] flex-col rounded-lg border border-line bg-surface-raised shadow-float',
            widths[width],
          )}
        >
          <header className="flex items-start gap-4 px-5 pt-4 pb-2">
            <div className="min-w-0 grow">
              <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
              {description && (
                <Radix.Description className="mt-0.5 text-sm text-ink-soft">{description}</Radix.Description>
              )}
            </div>
            {!insistent && (
              <Radix.Close asChild>
                <IconButton icon={X} label={t('common.close')} className="-me-2" />
              </Radix.Close>
            )}
          </header>
          {/* Hairlines only where something is hidden behind them: they say that there is more. */}
          <div className="scroll-hairlines min-h-0 overflow-y-auto px-5 py-2">{children}</div>
          {footer && <footer className="flex flex-wrap justify-end gap-2 px-5 pt-3 pb-4">{footer}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export interface ConfirmDialogProps extends Omit<DialogProps, 'footer' | 'insistent'> {
  /** What the button does: "Delete web-1 for good". */
  action: string;
  tone?: 'primary' | 'danger';
  onConfirm: () => Promise<unknown> | unknown;
}

/** Ask before what cannot be undone. What can be undone is done at once, with an undo toast. */
export function ConfirmDialog({ action, tone = 'danger', onConfirm, ...rest }: ConfirmDialogProps) {
  const t = useT();
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
      rest.onOpenChange(false);
    } catch {
      // The caller's mutation has shown the failure; the question stays open.
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      width="narrow"
      {...rest}
      footer={
        <>
          <Button onClick={() => rest.onOpenChange(false)}>{t('common.cancel')}</Button>
          <Button tone={tone} busy={busy} onClick={confirm}>
            {action}
          </Button>
        </>
      }
    />
  );
}
