import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { tabLine, tabLook, tabRow } from './tab-look.ts';

export interface Tab {
  key: string;
  label: string;
  content: ReactNode;
}

/** Tabs on a hairline. Content is made when its tab is opened. */
export function Tabs({
  tabs,
  value,
  onChange,
  label,
}: {
  tabs: readonly Tab[];
  value: string;
  onChange: (key: string) => void;
  label: string;
}) {
  return (
    <Radix.Root value={value} onValueChange={onChange} className="flex min-h-0 grow flex-col">
      <div className={tabLine}>
        <Radix.List aria-label={label} className={tabRow}>
          {tabs.map((tab) => (
            <Radix.Trigger key={tab.key} value={tab.key} data-here={tab.key === value} className={tabLook}>
              {tab.label}
            </Radix.Trigger>
          ))}
        </Radix.List>
      </div>
      {tabs.map((tab) => (
        <Radix.Content key={tab.key} value={tab.key} className="min-h-0 grow pt-4">
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
