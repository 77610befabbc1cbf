import { useState } from 'react';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Field, Input } from '../../../ui/field.tsx';
import { downloadsOf, wholePath } from './save-target.ts';

/** A directory of the computer the agent runs on, as the person types it: their downloads unless they say another. */
export function useTarget() {
  const { data: info } = useAgentQuery('system.info', {});
  const [typed, setTyped] = useState<string | null>(null);
  const home = info?.home ?? '';
  const value = typed ?? downloadsOf(home);
  return { info, value, type: setTyped, /** Null while it is not a whole path. */ to: wholePath(value, home) };
}

export function TargetField(props: {
  target: ReturnType<typeof useTarget>;
  error: string | undefined;
  autoFocus?: boolean;
  onChange: () => void;
}) {
  const t = useT();
  const { info, value, type } = props.target;
  const hint =
    info?.shell === 'electron'
      ? t('vault.save.hint')
      : t('vault.save.hintElsewhere', { computer: info?.hostName ?? t('common.unknown') });
  return (
    <Field label={t('vault.place.field.path')} hint={hint} error={props.error} required>
      {(control) => (
        <Input
          {...control}
          autoFocus={props.autoFocus ?? false}
          dir="ltr"
          className="font-mono text-sm"
          value={value}
          onChange={(event) => {
            type(event.target.value);
            props.onChange();
          }}
        />
      )}
    </Field>
  );
}
