import { type FormEvent, useState } from 'react';
import type { Place, PlaceTest } from '#shared/contract/vault.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useFailureText } from '../../../lib/failure.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { PlaceFields, PlaceMarksFields } from './place-fields.tsx';
import { addressInput, changesInput, marksInput, missingIn, type PlaceValues, valuesOf } from './place-form.ts';
import { ConfirmKey, Outcome } from './test-result.tsx';

/** What a place is called, where it stands, whose it is, what may be used; its address and what opens it when those are others now. */
export function ChangePlaceDialog({ place, onClose }: { place: Place; onClose: () => void }) {
  const t = useT();
  const failureText = useFailureText();
  const [values, setValues] = useState<PlaceValues>(() => valuesOf(place));
  const [result, setResult] = useState<PlaceTest | null>(null);
  const save = useAgentMutation('vault.changePlace', {
    quiet: true,
    done: (_, output) => t('vault.place.changed', { name: output.place.name }),
    onDone: onClose,
  });
  const test = useAgentMutation('vault.testPlace', { quiet: true, onDone: setResult });
  const missing = missingIn(place.kind, values, true);
  const changes = (now: PlaceValues) => changesInput(place.address, addressInput(place.kind, now));
  const look = (now: PlaceValues) => test.mutate({ place: place.id, ...changes(now) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (missing.length === 0) save.mutate({ place: place.id, ...changes(values), ...marksInput(values, true) });
  };
  const failed = save.error ?? test.error;
  const failure = failed && failureText(failed);
  const shown = result?.found === 'unconfirmed' ? result.fingerprint : null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('vault.place.change', { name: place.name })}
      footer={
        <>
          <Outcome result={result} failure={failure ?? null} />
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button busy={test.isPending} onClick={() => look(values)}>
            {t('vault.place.test')}
          </Button>
          <Button tone="primary" type="submit" form="change-place" busy={save.isPending}>
            {t('vault.place.save')}
          </Button>
        </>
      }
    >
      <form id="change-place" noValidate onSubmit={submit} className="flex flex-col gap-4">
        <PlaceMarksFields values={values} onChange={setValues} />
        <PlaceFields
          kind={place.kind}
          values={values}
          missing={missing}
          changing
          onChange={(next) => {
            const moved = next.host !== values.host || next.port !== values.port;
            setValues(moved ? { ...next, fingerprint: '' } : next);
            setResult(null);
          }}
        />
        {shown && (
          <ConfirmKey
            host={values.host ?? ''}
            fingerprint={shown}
            onConfirm={() => {
              const next = { ...values, fingerprint: shown };
              setValues(next);
              setResult(null);
              look(next);
            }}
          />
        )}
      </form>
    </Dialog>
  );
}
