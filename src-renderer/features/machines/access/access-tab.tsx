import type { Machine } from '#shared/contract/machines.ts';
import { useT } from '../../../lib/i18n.ts';
import { Copyable } from '../../../ui/copyable.tsx';
import { Facts, Section } from '../../../ui/panel.tsx';
import { keyWords } from '../keys/key-text.ts';
import { knownHostsLine } from './known-hosts.ts';

/** How to get in over SSH, and how to know that it is this machine that answers. */
export function AccessTab({ machine }: { machine: Machine }) {
  const t = useT();
  const { ssh, hostKey, spec } = machine;
  const sshKeys = machine.running?.sshKeys ?? spec.sshKeys;
  return (
    <div className="flex max-w-[760px] flex-col gap-6">
      <Section
        title={t('machines.access.ssh')}
        note={ssh ? t('machines.access.sshNote') : undefined}
        className="border-t-0 pt-0"
      >
        {ssh ? (
          <div className="rounded-lg border border-line bg-surface-sunk px-3 py-2">
            <Copyable whole value={ssh.command} what={t('machines.access.command')} />
          </div>
        ) : (
          <p className="text-sm text-ink-soft">{t('machines.access.notRunning')}</p>
        )}
        {sshKeys.length === 0 && <p className="mt-2 text-sm text-attention">{t('machines.access.noKeys')}</p>}
      </Section>
      {hostKey && (
        <Section title={t('machines.access.hostKey')} note={t('machines.access.hostKeyNote')}>
          <div className="flex flex-col gap-2">
            <Copyable whole value={hostKey} what={t('machines.access.hostKey')} />
            {ssh && (
              <div className="rounded-lg border border-line bg-surface-sunk px-3 py-2">
                <p className="mb-1 text-xs text-ink-soft">{t('machines.access.knownHosts')}</p>
                <Copyable whole value={knownHostsLine(ssh, hostKey)} what={t('machines.access.knownHosts')} />
              </div>
            )}
          </div>
        </Section>
      )}
      {sshKeys.length > 0 && (
        <Section title={t('machines.access.keys')}>
          <Facts
            rows={sshKeys.map((key) => {
              const { name, short } = keyWords(key);
              return {
                label: name || t('machines.access.unnamed'),
                value: <span className="font-mono text-sm">{short}</span>,
              };
            })}
          />
        </Section>
      )}
    </div>
  );
}
