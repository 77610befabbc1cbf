import { useState } from 'react';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Segments } from '../../../ui/choice.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, TextArea } from '../../../ui/field.tsx';
import { HyphaDrawing } from '../../../ui/hypha-drawing.tsx';
import { Notice } from '../../../ui/panel.tsx';
import { type ChosenPlace, setupInput } from '../places/place-form.ts';
import { ChosenServers } from './chosen-servers.tsx';
import { type ProfileName, pathLines, profileChoices } from './profiles.ts';

/**
 * First set-up: how much may be lost, and where the pieces lie. One button does with what most people want. `found`: places of a
 * vault that lie in the data directory, and are taken up again.
 */
export function SetupPanel({ found }: { found: number }) {
  const t = useT();
  const { data: info } = useAgentQuery('system.info', {});
  const [profile, setProfile] = useState<ProfileName>('usual');
  const [where, setWhere] = useState<'here' | 'chosen' | 'earlier'>('here');
  const [paths, setPaths] = useState('');
  const [left, setLeft] = useState(false);
  const [servers, setServers] = useState<readonly ChosenPlace[]>([]);
  const { k, m } = profileChoices[profile];
  const chosen = pathLines(paths);
  const have = chosen.length + servers.length;
  const earlier = where === 'earlier';
  const tooFew = (where === 'chosen' && have < k + m) || (earlier && have === 0);
  const setup = useAgentMutation('vault.setup', { quiet: true });
  const tooFewText = earlier ? t('vault.setup.earlierNone') : t('vault.setup.tooFew', { have, count: k + m });
  const submit = () => {
    setLeft(true);
    const named = { paths: chosen, ...(servers.length > 0 ? setupInput(servers) : {}) };
    if (!tooFew) setup.mutate({ profile: { k, m }, ...(where === 'here' ? {} : named) });
  };
  return (
    <div className="mx-auto max-w-[560px] py-6">
      <HyphaDrawing className="mb-5 w-24 text-accent" />
      <h2 className="text-lg font-semibold">{t('vault.setup.title')}</h2>
      <p className="mt-1 text-ink-soft">{t('vault.setup.text')}</p>
      <div className="mt-6 flex flex-col gap-5">
        {found > 0 && <Notice tone="attention">{t('vault.setup.found', { count: found })}</Notice>}
        <fieldset className={earlier ? 'hidden' : 'flex flex-col gap-1.5'}>
          <legend className="mb-1.5 text-sm font-medium">{t('vault.setup.profile')}</legend>
          <div>
            <Segments
              label={t('vault.setup.profile')}
              value={profile}
              onChange={setProfile}
              options={[
                { value: 'light', label: t('vault.setup.light') },
                { value: 'usual', label: t('vault.setup.usual') },
                { value: 'strong', label: t('vault.setup.strong') },
              ]}
            />
          </div>
          <p className="text-sm text-ink-soft">
            {t('vault.setup.profileHint', {
              count: m,
              places: k + m,
              share: ((k + m) / k).toFixed(2).replace(/0$/, ''),
            })}
          </p>
        </fieldset>
        <fieldset className="flex flex-col gap-1.5">
          <legend className="mb-1.5 text-sm font-medium">{t('vault.setup.where')}</legend>
          <div>
            <Segments
              label={t('vault.setup.where')}
              value={where}
              onChange={setWhere}
              options={[
                { value: 'here', label: t('vault.setup.here') },
                { value: 'chosen', label: t('vault.setup.chosen') },
                { value: 'earlier', label: t('vault.setup.earlier') },
              ]}
            />
          </div>
          {where === 'here' && (
            <p className="text-sm text-ink-soft">{t('vault.setup.hereHint', { home: info?.home ?? '' })}</p>
          )}
        </fieldset>
        {where !== 'here' && (
          <Field
            label={earlier ? t('vault.setup.earlierPaths') : t('vault.setup.paths')}
            hint={earlier ? t('vault.setup.earlierHint') : t('vault.setup.pathsHint', { count: k + m })}
            error={left && tooFew ? tooFewText : undefined}
          >
            {(control) => (
              <TextArea
                {...control}
                rows={6}
                className="font-mono text-sm"
                value={paths}
                onChange={(event) => setPaths(event.target.value)}
                onBlur={() => setLeft(paths !== '')}
              />
            )}
          </Field>
        )}
        {where !== 'here' && <ChosenServers chosen={servers} onChange={setServers} />}
        {setup.error && <ErrorPanel error={setup.error} />}
        <div>
          <Button tone="primary" size="large" busy={setup.isPending} onClick={submit}>
            {earlier ? t('vault.setup.takeUp') : t('vault.setup.make')}
          </Button>
        </div>
      </div>
    </div>
  );
}
