import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { useT } from '../lib/i18n.ts';
import { IconButton } from './button.tsx';
import { cx } from './cx.ts';
import { focusSelf } from './focus-self.ts';
import { keepFocus } from './keep-focus.ts';
import { useSecondClick } from './second-click.ts';

export interface SheetProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  children: ReactNode;
  footer?: ReactNode;
  /** Buttons beside the close button. */
  actions?: ReactNode;
  width?: 'normal' | 'wide';
}

/** A drawer from the end side, over the page: the inspector of what is selected, or running tasks. */
export function Sheet({ open, onOpenChange, title, children, footer, actions, width = 'normal' }: SheetProps) {
  const t = useT();
  const secondClick = useSecondClick(open);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay onMouseDown={keepFocus} className="appear fixed inset-0 z-30 bg-veil" />
        <Radix.Content
          onOpenAutoFocus={focusSelf}
          onPointerDownOutside={secondClick}
          aria-describedby={undefined}
          className={cx(
            'appear-side outline-none fixed inset-y-0 end-0 z-30 flex w-full flex-col border-s border-line bg-surface-raised shadow-float',
            width === 'wide' ? 'max-w-[640px]' : 'max-w-[420px]',
          )}
        >
          <header className="flex h-14 shrink-0 items-center gap-1 border-b border-line ps-5 pe-3">
            <Radix.Title className="grow truncate text-lg font-semibold">{title}</Radix.Title>
            {actions}
            <Radix.Close asChild>
              <IconButton icon={X} label={t('common.close')} />
            </Radix.Close>
          </header>
          <div className="min-h-0 grow overflow-y-auto">{children}</div>
          {footer && <footer className="flex justify-end gap-2 border-t border-line px-5 py-3">{footer}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
