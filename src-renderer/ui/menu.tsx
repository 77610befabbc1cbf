import type { LucideIcon } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import { Kbd } from './kbd.tsx';

export interface MenuItem {
  label: string;
  icon?: LucideIcon;
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  onSelect: () => void;
}
export type MenuEntry = MenuItem | 'line';

const panel = 'appear z-50 min-w-48 rounded-lg border border-line bg-surface-raised p-1 shadow-float';
const row =
  'flex h-8 items-center gap-2.5 rounded-md px-2 text-sm outline-none select-none data-[disabled]:text-ink-soft data-[highlighted]:bg-hover';

function Row({ item }: { item: MenuItem }) {
  const Icon = item.icon;
  return (
    <>
      {Icon && <Icon aria-hidden className="size-4" strokeWidth={1.75} />}
      <span className="grow">{item.label}</span>
      {item.keys && <Kbd keys={item.keys} />}
    </>
  );
}

/** A menu under a button; pass the button as `children`. */
export function Menu({
  items,
  children,
  align = 'end',
}: {
  items: readonly MenuEntry[];
  children: ReactNode;
  align?: 'start' | 'end';
}) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content align={align} sideOffset={4} collisionPadding={8} className={panel}>
          {items.map((item, i) =>
            item === 'line' ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity
              <Radix.Separator key={`line-${i}`} className="my-1 h-px bg-line" />
            ) : (
              <Radix.Item
                key={item.label}
                disabled={item.disabled ?? false}
                onSelect={item.onSelect}
                className={cx(row, item.danger && 'text-danger')}
              >
                <Row item={item} />
              </Radix.Item>
            ),
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
