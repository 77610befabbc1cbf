import type { Machine } from '#shared/contract/machines.ts';
import type { MeshStatus } from '#shared/contract/mesh/index.ts';
import { useT } from '../../../lib/i18n.ts';
import { Copyable } from '../../../ui/copyable.tsx';
import { LinkButton } from '../../../ui/link-button.tsx';
import { Notice, Section } from '../../../ui/panel.tsx';
import { State, type Tone } from '../../../ui/state.tsx';
import { type Place, placeOf } from './place.ts';

const tones: Readonly<Record<Place, Tone>> = {
  here: 'active',
  nextStart: 'waiting',
  atStart: 'waiting',
  off: 'idle',
  starting: 'waiting',
  failed: 'attention',
  without: 'idle',
};

/** Whether a machine is on the mesh, under which address, and if not, what would bring it there. */
export function PlaceSection({ machine, node }: { machine: Machine; node: MeshStatus['state'] }) {
  const t = useT();
  const place = placeOf(machine, node);
  return (
    <Section title={t('machines.mesh.title')} className="border-t-0 pt-0">
      <div className="flex flex-col gap-2 text-sm">
        <p role="status">
          <State tone={tones[place]}>{t(`machines.mesh.place.${place}`)}</State>
        </p>
        {place === 'here' && machine.mesh !== null && (
          <Copyable whole value={machine.mesh.address} what={t('machines.mesh.address')} className="text-base!" />
        )}
        <PlaceNote place={place} name={machine.spec.name} />
      </div>
    </Section>
  );
}

function PlaceNote({ place, name }: { place: Place; name: string }) {
  const t = useT();
  const text = t(`machines.mesh.placeNote.${place}`, { name });
  if (place !== 'off' && place !== 'failed') return <p className="text-ink-soft">{text}</p>;
  return (
    <Notice
      tone={place === 'failed' ? 'attention' : 'plain'}
      action={<LinkButton to="/mesh">{t(`machines.mesh.${place === 'off' ? 'join' : 'look'}`)}</LinkButton>}
    >
      {text}
    </Notice>
  );
}
