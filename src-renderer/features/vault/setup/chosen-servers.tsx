import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useT } from '../../../lib/i18n.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { AddPlaceDialog } from '../places/add-place.tsx';
import { type ChosenPlace, chosenWords } from '../places/place-form.ts';

/** Servers that are to be places from the start, or that an earlier vault lies on. */
export function ChosenServers({
  chosen,
  onChange,
}: {
  chosen: readonly ChosenPlace[];
  onChange: (chosen: readonly ChosenPlace[]) => void;
}) {
  const t = useT();
  const [adding, setAdding] = useState(false);
  return (
    <div className="flex flex-col items-start gap-2">
      {chosen.length > 0 && (
        <ul aria-label={t('vault.setup.servers')} className="flex w-full flex-col gap-1 text-sm">
          {chosen.map((one, i) => {
            const name = chosenWords(one);
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: two may be alike, and the list is only added to and taken from
              <li key={i} className="flex items-center gap-2">
                <bdi className="min-w-0 grow truncate">{name}</bdi>
                <IconButton
                  size="small"
                  icon={X}
                  label={t('vault.setup.removeServer', { name })}
                  onClick={() => onChange(chosen.filter((other) => other !== one))}
                />
              </li>
            );
          })}
        </ul>
      )}
      <Button icon={Plus} onClick={() => setAdding(true)}>
        {t('vault.setup.addServer')}
      </Button>
      {adding && <AddPlaceDialog onClose={() => setAdding(false)} onChosen={(one) => onChange([...chosen, one])} />}
    </div>
  );
}
