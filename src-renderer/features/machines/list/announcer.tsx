import { useEffect, useRef, useState } from 'react';
import type { Machine } from '#shared/contract/machines.ts';
import { useT } from '../../../lib/i18n.ts';

/** Says aloud, to screen readers, which machine changed its state and to what. */
export function Announcer({ machines }: { machines: readonly Machine[] }) {
  const t = useT();
  const before = useRef<ReadonlyMap<string, Machine['state']> | null>(null);
  const [words, setWords] = useState('');
  useEffect(() => {
    const known = before.current;
    before.current = new Map(machines.map((machine) => [machine.id, machine.state]));
    if (known === null) return;
    const changed = machines.filter((machine) => known.get(machine.id) !== machine.state);
    if (changed.length === 0) return;
    setWords(changed.map((m) => `${m.spec.name}: ${t(`machines.state.${m.state}`)}`).join('. '));
  }, [machines, t]);
  return (
    <div role="status" className="sr-only">
      {words}
    </div>
  );
}
