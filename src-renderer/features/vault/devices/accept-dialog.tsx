import type { OwnDevice } from '#shared/contract/vault.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Notice } from '../../../ui/panel.tsx';

/** The digits that the other screen has to show too, before all files go there. */
export function AcceptDialog({ device, onClose }: { device: OwnDevice; onClose: () => void }) {
  const t = useT();
  const accept = useAgentMutation('vault.acceptDevice', { quiet: true, onDone: onClose });
  const { code } = device;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('vault.devices.acceptTitle', { name: device.name })}
      footer={
        <>
          <Button onClick={onClose}>{t('vault.devices.different')}</Button>
          <Button
            tone="primary"
            busy={accept.isPending}
            disabled={code === null}
            onClick={() => code !== null && accept.mutate({ device: device.id, code })}
          >
            {t('vault.devices.equal')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <p>{t('vault.devices.compare', { name: device.name })}</p>
        <p className="font-mono text-xl tracking-wide">{code}</p>
        <Notice>{t('vault.devices.acceptText')}</Notice>
        {accept.error && <ErrorPanel error={accept.error} />}
      </div>
    </Dialog>
  );
}
