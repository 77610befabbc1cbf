import type { MeshStatus } from '#shared/contract/mesh/index.ts';
import { useT } from '../../../lib/i18n.ts';
import { Copyable } from '../../../ui/copyable.tsx';
import { TextLink } from '../../../ui/link-button.tsx';
import { Facts, Section } from '../../../ui/panel.tsx';
import { QrCode } from '../../../ui/qr-code.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { linked, peerLink } from '../peers/peer-link.ts';

/** Under what others reach this node, and how somebody connects to it. */
export function MyAddress({ status }: { status: MeshStatus }) {
  const t = useT();
  const { address, subnet, publicKey, settings } = status;
  return (
    <div className="grid grid-cols-1 gap-x-10 gap-y-8 min-[1000px]:grid-cols-[minmax(0,1fr)_minmax(0,27rem)]">
      <Section title={t('mesh.address.title')} note={t('mesh.address.note')}>
        {address === null ? (
          <Skeleton className="h-32" />
        ) : (
          <>
            <Copyable value={address} what={t('mesh.address.title')} whole className="mb-3 text-base!" />
            <Facts
              rows={[
                ...(subnet === null
                  ? []
                  : [
                      {
                        label: t('mesh.address.subnet'),
                        value: <Copyable value={subnet} what={t('mesh.address.subnet')} whole />,
                      },
                    ]),
                ...(publicKey === null
                  ? []
                  : [
                      {
                        label: t('mesh.address.key'),
                        value: <Copyable value={publicKey} what={t('mesh.address.key')} />,
                      },
                    ]),
                {
                  label: t('mesh.address.network'),
                  value: settings.privateNetwork || t('mesh.address.public'),
                },
              ]}
            />
          </>
        )}
      </Section>
      <Section title={t('mesh.invite.title')} note={t('mesh.invite.note')}>
        <Invite status={status} />
      </Section>
    </div>
  );
}

function Invite({ status }: { status: MeshStatus }) {
  const t = useT();
  const link = status.listening === null ? null : peerLink(status.endpoints);
  if (link === null) {
    return (
      <p className="text-sm text-ink-soft">
        {status.state !== 'on' ? (
          t('mesh.invite.notRunning')
        ) : status.settings.listen ? (
          t('mesh.invite.none')
        ) : (
          <>
            {t('mesh.invite.closed')} <TextLink to="/mesh/settings">{t('mesh.invite.change')}</TextLink>
          </>
        )}
      </p>
    );
  }
  return (
    <div className="flex flex-wrap items-start gap-4">
      <QrCode text={link} label={t('mesh.invite.code')} className="w-40 shrink-0 rounded-md border border-line" />
      <div className="min-w-0 grow basis-44 text-sm">
        <Copyable value={link} what={t('mesh.invite.link')} whole className="text-xs!" />
        <p className="mt-2 text-ink-soft">{t('mesh.invite.listens')}</p>
        <ul className="font-mono text-xs wrap-anywhere">
          {linked(status.endpoints).map((endpoint) => (
            <li key={endpoint}>{endpoint}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}
