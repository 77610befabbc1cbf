import { useState } from 'react';
import { useT } from '../../../lib/i18n.ts';
import { Segments } from '../../../ui/choice.tsx';
import { Copyable } from '../../../ui/copyable.tsx';

const systems = ['windows', 'macos', 'linux'] as const;
type System = (typeof systems)[number];

/** The system that this page is shown on, as the browser tells it; Linux where it does not. */
export function systemOf(platform: string): System {
  if (/win/i.test(platform) && !/darwin/i.test(platform)) return 'windows';
  return /mac|iphone|ipad|darwin/i.test(platform) ? 'macos' : 'linux';
}

/** The address as the file manager of a system wants it. */
export function addressFor(system: System, address: string): string {
  return system === 'linux' ? address.replace(/^http:/, 'dav:') : address;
}

/** Step by step, for the file manager that each system brings. */
export function HowToConnect({ address }: { address: string }) {
  const t = useT();
  const [system, setSystem] = useState<System>(() => systemOf(navigator.platform));
  const shown = addressFor(system, address);
  return (
    <div className="flex max-w-3xl flex-col items-start gap-4">
      <Segments
        label={t('vault.disk.system')}
        value={system}
        onChange={setSystem}
        options={systems.map((value) => ({ value, label: t(`vault.disk.${value}.name`) }))}
      />
      <ol className="flex list-decimal flex-col gap-2 ps-5 text-sm">
        <li>{t(`vault.disk.${system}.open`)}</li>
        <li>
          {t(`vault.disk.${system}.address`)} <Copyable whole value={shown} what={t('vault.disk.address')} />
        </li>
        <li>{t(`vault.disk.${system}.password`)}</li>
      </ol>
      <p className="text-sm text-ink-soft">{t(`vault.disk.${system}.note`)}</p>
    </div>
  );
}
