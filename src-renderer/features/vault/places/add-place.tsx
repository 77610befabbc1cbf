import { type FormEvent, useState } from 'react';
import { type PlaceKind, type PlaceTest, placeKinds } from '#shared/contract/vault.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useFailureText } from '../../../lib/failure.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Select } from '../../../ui/choice.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Field } from '../../../ui/field.tsx';
import { PlaceFields, PlaceMarksFields } from './place-fields.tsx';
import { addressInput, type ChosenPlace, marksInput, missingIn, type PlaceValues } from './place-form.ts';
import { ConfirmKey, Outcome } from './test-result.tsx';

/**
 * A new place of any kind: its address, what opens it, what to say of it; a test writes nothing there. With `onChosen` it is not added
 * but handed over, to be used at set-up.
 */
export function AddPlaceDialog({
  onClose,
  onChosen,
}: {
  onClose: () => void;
  onChosen?: (chosen: ChosenPlace) => void;
}) {
  const t = useT();
  const failureText = useFailureText();
  const [kind, setKind] = useState<PlaceKind>(onChosen ? 's3' : 'directory');
  const [values, setValues] = useState<PlaceValues>({});
  const [tried, setTried] = useState(false);
  const [result, setResult] = useState<PlaceTest | null>(null);
  const add = useAgentMutation('vault.addPlace', {
    quiet: true,
    done: (_, output) => t('vault.places.added', { name: output.place.name }),
    onDone: onClose,
  });
  const test = useAgentMutation('vault.testPlace', { quiet: true, onDone: setResult });
  const missing = missingIn(kind, values, false);
  const change = (next: PlaceValues) => {
    // Another server has another key.
    const moved = next.host !== values.host || next.port !== values.port;
    setValues(moved ? { ...next, fingerprint: '' } : next);
    setResult(null);
    add.reset();
    test.reset();
  };
  const look = () => {
    setTried(true);
    if (missing.length === 0) test.mutate(addressInput(kind, values));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (missing.length > 0) return;
    if (kind === 'sftp' && !values.fingerprint) return look();
    if (onChosen) {
      onChosen({ kind, values });
      return onClose();
    }
    add.mutate({ ...addressInput(kind, values), ...marksInput(values, false) });
  };
  const failed = add.error ?? test.error;
  const failure = failed && failureText(failed);
  const shown = result?.found === 'unconfirmed' ? result.fingerprint : null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('vault.places.add')}
      description={t('vault.places.addText')}
      footer={
        <>
          <Outcome result={result} failure={failure ?? null} />
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button busy={test.isPending} onClick={look}>
            {t('vault.place.test')}
          </Button>
          <Button tone="primary" type="submit" form="add-place" busy={add.isPending}>
            {t('vault.places.add')}
          </Button>
        </>
      }
    >
      <form id="add-place" noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Field label={t('vault.place.kindLabel')} hint={t(`vault.place.kindHint.${kind}`)}>
          {(control) => (
            <Select
              {...control}
              value={kind}
              options={placeKinds.map((value) => ({ value, label: t(`vault.place.kind.${value}`) }))}
              onChange={(next) => {
                setKind(next);
                change({ ...values, fingerprint: '' });
                setTried(false);
              }}
            />
          )}
        </Field>
        <PlaceFields key={kind} kind={kind} values={values} missing={tried ? missing : []} onChange={change} />
        {shown && (
          <ConfirmKey
            host={values.host ?? ''}
            fingerprint={shown}
            onConfirm={() => {
              const next = { ...values, fingerprint: shown };
              setValues(next);
              setResult(null);
              test.mutate(addressInput(kind, next));
            }}
          />
        )}
        <PlaceMarksFields values={values} onChange={setValues} />
      </form>
    </Dialog>
  );
}
