import { useState } from 'react';
import type { Device } from '#shared/contract/identity.ts';
import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { State } from '../../ui/state.tsx';
import { Row } from '../settings/row.tsx';

/** The devices that act for the person, and the way to take that right from a lost one. */
export function Devices() {
  const t = useT();
  const format = useFormat();
  const { data } = useAgentQuery('identity.devices', {});
  const revoke = useAgentMutation('identity.revokeDevice');
  const [asking, setAsking] = useState<Device | null>(null);
  return (
    <>
      {data?.devices.map((device) => (
        <Row
          key={device.id}
          label={device.name}
          hint={t('settings.devices.since', { date: format.date(device.certifiedAt) })}
        >
          {device.revokedAt !== null ? (
            <State tone="idle">{t('settings.devices.revoked')}</State>
          ) : device.current ? (
            <State tone="active">{t('settings.devices.current')}</State>
          ) : (
            <Button onClick={() => setAsking(device)}>{t('settings.devices.revoke')}</Button>
          )}
        </Row>
      ))}
      {asking && (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && setAsking(null)}
          title={t('settings.devices.revokeTitle', { name: asking.name })}
          description={t('settings.devices.revokeText')}
          action={t('settings.devices.revoke')}
          onConfirm={() => revoke.mutateAsync({ device: asking.id })}
        />
      )}
    </>
  );
}
