import { FileKey } from 'lucide-react';
import { useRef } from 'react';
import { Controller, type UseFormReturn } from 'react-hook-form';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Field, TextArea } from '../../../ui/field.tsx';
import type { DeployForm, DeploySpec } from './form-schema.ts';

/** Public keys that may log in: pasted, or taken from a `.pub` file. */
export function KeysField({
  form,
  error,
}: {
  form: UseFormReturn<DeployForm, unknown, DeploySpec>;
  error: string | undefined;
}) {
  const t = useT();
  const file = useRef<HTMLInputElement>(null);
  const add = async (list: FileList | null) => {
    const texts = await Promise.all([...(list ?? [])].map((one) => one.slice(0, 65_536).text()));
    const value = [form.getValues('sshKeys').trim(), ...texts.map((text) => text.trim())].filter(Boolean).join('\n');
    form.setValue('sshKeys', value, { shouldDirty: true, shouldValidate: true });
  };
  return (
    <div className="flex flex-col gap-2">
      <Controller
        control={form.control}
        name="sshKeys"
        render={({ field }) => (
          <Field label={t('machines.form.sshKeys')} optional hint={t('machines.form.sshKeysHint')} error={error}>
            {(control) => <TextArea {...control} {...field} rows={3} dir="ltr" className="font-mono text-sm" />}
          </Field>
        )}
      />
      <div>
        <input
          ref={file}
          type="file"
          multiple
          hidden
          accept=".pub,text/plain"
          onChange={(event) => {
            const input = event.currentTarget;
            void add(input.files).then(() => {
              input.value = '';
            });
          }}
        />
        <Button size="small" icon={FileKey} onClick={() => file.current?.click()}>
          {t('machines.form.sshKeyFile')}
        </Button>
      </div>
    </div>
  );
}
