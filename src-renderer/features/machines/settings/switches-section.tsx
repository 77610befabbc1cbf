import type { Machine } from '#shared/contract/machines.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { Switch } from '../../../ui/choice.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Section } from '../../../ui/panel.tsx';
import { calledBy } from '../machine/address.ts';

/** What is on or off about a machine: changed at once, or said to wait for the next start. */
export function SwitchesSection({ machine }: { machine: Machine }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { spec, waiting } = machine;
  const change = useAgentMutation('machines.configure', { quiet: true });
  // Shown as asked until the answer is there, so that the switch does not jump back under the finger.
  const asked: { autostart?: boolean; internet?: boolean } = change.isPending ? change.variables : {};
  const internet = asked.internet ?? spec.internet;
  const disabled = !ready || change.isPending;
  return (
    <Section title={t('machines.settings.switches')}>
      <div className="flex flex-col gap-4">
        <Switch
          checked={asked.autostart ?? spec.autostart}
          onChange={(autostart) => change.mutate({ machine: calledBy(machine), autostart })}
          label={t('machines.form.autostart')}
          hint={t('machines.form.autostartHint')}
          disabled={disabled}
        />
        <Switch
          checked={internet}
          onChange={(wanted) => change.mutate({ machine: calledBy(machine), internet: wanted })}
          label={t('machines.form.internet')}
          hint={
            <>
              {t('machines.form.internetHint')}
              {waiting.includes('internet') && (
                <span className="block text-attention">{t('machines.settings.internetNext')}</span>
              )}
            </>
          }
          disabled={disabled}
        />
        {change.error && <ErrorPanel error={change.error} />}
      </div>
    </Section>
  );
}
