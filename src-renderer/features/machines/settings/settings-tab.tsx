import type { Machine } from '#shared/contract/machines.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Facts, Section } from '../../../ui/panel.tsx';
import { KeysSection } from './keys-section.tsx';
import { ResizeForm } from './resize-form.tsx';
import { SwitchesSection } from './switches-section.tsx';

/** What of a machine can be changed; what cannot, is told as it was chosen. */
export function SettingsTab({ machine }: { machine: Machine }) {
  const t = useT();
  const format = useFormat();
  const { spec } = machine;
  return (
    <div className="flex max-w-[760px] flex-col gap-6">
      <ResizeForm key={`${spec.cpus} ${spec.memoryMiB} ${spec.diskMiB}`} machine={machine} />
      <SwitchesSection machine={machine} />
      <KeysSection machine={machine} />
      <Section title={t('machines.settings.chosen')}>
        <Facts
          rows={[
            { label: t('machines.form.image'), value: spec.image },
            { label: t('machines.settings.created'), value: format.exact(machine.createdAt) },
            {
              label: t('machines.form.userData'),
              value: spec.userData ? (
                <pre className="max-h-48 overflow-auto rounded-md bg-surface-sunk p-2 font-mono text-xs whitespace-pre-wrap">
                  {spec.userData}
                </pre>
              ) : (
                t('common.none')
              ),
            },
          ]}
        />
      </Section>
    </div>
  );
}
