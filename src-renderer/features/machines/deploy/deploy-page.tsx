import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { ArrowLeft, Rocket } from 'lucide-react';
import { Page } from '../../../app/frame/page.tsx';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { byName } from '../machine/address.ts';
import { NoQemu } from '../no-qemu.tsx';
import { DeployFormView } from './deploy-form.tsx';
import type { DeployForm } from './form-schema.ts';
import { presets, smallestFit, suggestName } from './presets.ts';

export function DeployPage() {
  const t = useT();
  const navigate = useNavigate();
  const { image: wanted } = useSearch({ strict: false }) as { image?: string };
  const { data: capability, error: capabilityError } = useAgentQuery('machines.capability', {});
  const { data: images, error, refetch } = useAgentQuery('machines.images', {});
  const { data: machines } = useAgentQuery('machines.list', {});
  const back = (
    <Link
      to="/machines"
      aria-label={t('machines.back')}
      title={t('machines.back')}
      className="-ms-2 flex size-8 shrink-0 items-center justify-center rounded-md text-ink-soft hover:bg-hover hover:text-ink"
    >
      <ArrowLeft aria-hidden className="size-4 rtl:rotate-180" strokeWidth={1.75} />
    </Link>
  );
  const failure = error ?? capabilityError;
  const known = images && machines && capability;
  const usable = images?.images.filter((image) => image.state !== 'unavailable') ?? [];
  const first =
    usable.find((i) => i.id === wanted) ?? usable.find((i) => i.state === 'ready') ?? usable[0] ?? images?.images[0];
  return (
    <Page title={t('machines.deploy')} lead={back} width="full">
      {capability?.qemu === null ? (
        <NoQemu capability={capability} />
      ) : failure && !known ? (
        <ErrorPanel error={failure} onRetry={() => void refetch()} />
      ) : !known || !first ? (
        <Skeleton className="h-96" />
      ) : (
        <DeployFormView
          images={images.images}
          machines={machines.machines}
          capability={capability}
          start={startOf(
            first,
            machines.machines.map((m) => m.spec.name),
            capability,
          )}
          icon={Rocket}
          onDeployed={(name) => void navigate({ to: '/machines/$machine', params: { machine: byName(name) } })}
        />
      )}
    </Page>
  );
}

function startOf(
  image: Parameters<typeof smallestFit>[0]['image'] & { id: string },
  taken: readonly string[],
  computer: Parameters<typeof smallestFit>[0]['computer'],
): DeployForm {
  const fit = smallestFit({ image, computer });
  const size = fit
    ? presets[fit]
    : { cpus: 1, memoryMiB: Math.max(256, image.minMemoryMiB), diskMiB: image.minDiskMiB };
  return {
    image: image.id as DeployForm['image'],
    name: suggestName(image.id, taken),
    ...size,
    sshKeys: '',
    userData: '',
    internet: false,
    firewall: [],
    autostart: false,
  };
}
