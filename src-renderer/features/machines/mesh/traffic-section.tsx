import type { Machine } from '#shared/contract/machines.ts';
import { useFormat } from '../../../lib/format.ts';
import { useOptionalT, useT } from '../../../lib/i18n.ts';
import { Facts, Section } from '../../../ui/panel.tsx';
import { useHistory } from '../use/use-history.ts';
import { keptOut, meshRates } from './traffic.ts';

/** What a machine moved over the mesh, and what did not pass and why. Shown while it has a card there. */
export function TrafficSection({ machine }: { machine: Machine }) {
  const t = useT();
  const optional = useOptionalT();
  const format = useFormat();
  const history = useHistory(machine);
  const traffic = (history.at(-1) ?? machine.metrics)?.mesh ?? null;
  const rates = meshRates(history);
  if (machine.mesh === null) return null;
  const amount = ({ bytes, packets }: { bytes: number; packets: number }, rate: number | undefined) =>
    [
      t('machines.mesh.amount', { size: format.bytes(bytes), count: packets }),
      ...(rate === undefined ? [] : [t('common.perSecond', { value: format.bytes(rate) })]),
    ].join(' · ');
  const dropped = keptOut(traffic?.dropped ?? {});
  return (
    <Section title={t('machines.mesh.traffic')} note={t('machines.mesh.trafficNote')}>
      {traffic === null ? (
        <p className="text-sm text-ink-soft">{t('machines.use.soon')}</p>
      ) : (
        <>
          <Facts
            rows={[
              { label: t('machines.mesh.in'), value: amount(traffic.received, rates?.received) },
              { label: t('machines.mesh.out'), value: amount(traffic.sent, rates?.sent) },
            ]}
          />
          <h3 className="mt-5 mb-1 text-sm font-semibold">{t('machines.mesh.keptOut')}</h3>
          {dropped.length === 0 ? (
            <p className="text-sm text-ink-soft">{t('machines.mesh.nothingKeptOut')}</p>
          ) : (
            <Facts
              rows={dropped.map(([cause, packets]) => ({
                id: cause,
                label: t('machines.mesh.packets', { count: packets }),
                value: optional(`machines.mesh.drop.${cause}`) ?? cause,
              }))}
            />
          )}
        </>
      )}
    </Section>
  );
}
