import { useId } from 'react';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Checkbox } from '../../../ui/field.tsx';
import { LinkButton } from '../../../ui/link-button.tsx';
import { Notice } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { mostContacts } from './opening.ts';

/** The person's other devices to be chosen, by the names that they have on the mesh. */
export function DevicesField({
  chosen,
  error,
  onChange,
}: {
  /** Like `phone.me`. */
  chosen: readonly string[];
  /** What is wrong with the choice, once it was tried. */
  error: string | undefined;
  onChange: (chosen: readonly string[]) => void;
}) {
  const t = useT();
  const noteId = useId();
  const { data, error: failure } = useAgentQuery('identity.devices', {});
  if (failure && !data) return <ErrorPanel error={failure} />;
  if (!data) return <Skeleton className="h-20" />;
  // This one runs the machine; it reaches it without an opening.
  const others = data.devices.flatMap(({ id, name, label, current }) =>
    label === null || current ? [] : [{ id, name, host: `${label}.me` }],
  );
  if (others.length === 0) {
    return (
      <div>
        <Notice action={<LinkButton to="/contacts">{t('machines.mesh.toDevices')}</LinkButton>}>
          {t('machines.mesh.noDevices')}
        </Notice>
        {error && (
          <p role="alert" className="mt-1.5 text-sm text-danger">
            {error}
          </p>
        )}
      </div>
    );
  }
  const full = chosen.length >= mostContacts;
  return (
    <fieldset aria-describedby={noteId}>
      <legend className="mb-1.5 text-sm font-medium">{t('machines.mesh.chooseDevices')}</legend>
      <ul className="flex max-h-44 flex-col gap-0.5 overflow-y-auto rounded-md border border-line-strong bg-surface-raised px-2.5 py-1.5">
        {others.map(({ id, name, host }) => (
          <li key={id} className="py-1">
            <Checkbox
              checked={chosen.includes(host)}
              disabled={full && !chosen.includes(host)}
              onChange={(on) => onChange(on ? [...chosen, host] : chosen.filter((one) => one !== host))}
            >
              <span className="flex flex-wrap items-baseline gap-x-2">
                <span className="wrap-anywhere">{name}</span>
                <span className="font-mono text-xs text-ink-soft wrap-anywhere">{host}</span>
              </span>
            </Checkbox>
          </li>
        ))}
      </ul>
      <p
        id={noteId}
        role={error ? 'alert' : undefined}
        className={error ? 'mt-1.5 text-sm text-danger' : 'mt-1.5 text-sm text-ink-soft'}
      >
        {error ?? t('machines.mesh.devicesHint')}
      </p>
    </fieldset>
  );
}
