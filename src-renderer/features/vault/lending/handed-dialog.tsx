import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Copyable } from '../../../ui/copyable.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Facts, Notice } from '../../../ui/panel.tsx';

export interface Handed {
  /** Null: reached on this computer only. */
  readonly host: string | null;
  readonly port: number;
  readonly namespace: string;
  readonly password: string;
  readonly mode: 'user' | 'seq';
}

/** What the borrower needs, to be handed out; the password is shown this once. */
export function HandedDialog({ handed, onClose }: { handed: Handed; onClose: () => void }) {
  const t = useT();
  const { host, port, namespace, password, mode } = handed;
  const address = host === null ? `127.0.0.1:${port}` : `[${host}]:${port}`;
  const toml = [`address = "${address}"`, `namespace = "${namespace}"`, `password = "${password}"`].join('\n');
  return (
    <Dialog
      open
      insistent
      onOpenChange={() => {}}
      title={t('vault.lending.handedTitle')}
      description={t('vault.lending.handedText')}
      footer={
        <Button tone="primary" onClick={onClose}>
          {t('vault.lending.handedDone')}
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <Facts
          rows={[
            {
              label: t('vault.lending.address'),
              value: <Copyable whole value={address} what={t('vault.lending.address')} />,
            },
            {
              label: t('vault.lending.name'),
              value: <Copyable whole value={namespace} what={t('vault.lending.name')} />,
            },
            {
              label: t('vault.lending.password'),
              value: <Copyable whole value={password} what={t('vault.lending.password')} />,
            },
            { label: t('vault.lending.mode'), value: t(`vault.lending.modeIs.${mode}`) },
            {
              label: t('vault.lending.forZstor'),
              value: <Copyable whole className="whitespace-pre-wrap" value={toml} what={t('vault.lending.forZstor')} />,
            },
          ]}
        />
        <Notice tone="attention">{t('vault.lending.once')}</Notice>
      </div>
    </Dialog>
  );
}
