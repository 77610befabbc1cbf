import { RadioGroup } from 'radix-ui';
import { useId, useState } from 'react';
import type { MeshStatus } from '#shared/contract/mesh/index.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Switch } from '../../../ui/choice.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { HyphaDrawing } from '../../../ui/hypha-drawing.tsx';
import { TextLink } from '../../../ui/link-button.tsx';

type Reach = 'public' | 'local';

/** Not on the mesh: what it is in three sentences, two choices, one button. */
export function JoinPanel({ status }: { status: MeshStatus }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const [reach, setReach] = useState<Reach>(status.settings.publicPeers ? 'public' : 'local');
  const [listen, setListen] = useState(status.settings.listen);
  const join = useAgentMutation('mesh.join', { quiet: true });
  const { data: kept } = useAgentQuery('mesh.messages', { limit: 1 });
  return (
    <section aria-labelledby="join-mesh" className="mx-auto max-w-[560px] pt-6">
      <HyphaDrawing className="mb-5 w-28 text-accent" />
      <h2 id="join-mesh" className="text-xl font-semibold">
        {t('mesh.join.title')}
      </h2>
      <p className="mt-2 text-base text-ink-soft">
        {t('mesh.join.what')} {t('mesh.join.sealed')} {t('mesh.join.account')}
      </p>
      <div className="mt-6 flex flex-col gap-6">
        <Choice value={reach} onChange={setReach} />
        <Switch
          checked={listen}
          onChange={setListen}
          label={t('mesh.settings.listen')}
          hint={t('mesh.settings.listenHint')}
        />
        {join.error && <ErrorPanel error={join.error} />}
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <Button
            tone="primary"
            size="large"
            disabled={!ready}
            busy={join.isPending}
            onClick={() => join.mutate({ publicPeers: reach === 'public', listen })}
          >
            {t('mesh.join.action')}
          </Button>
          <span className="text-sm text-ink-soft">{t('mesh.join.leave')}</span>
        </div>
        {kept !== undefined && kept.messages.length > 0 && (
          <TextLink to="/mesh/messages" className="w-fit text-sm">
            {t('mesh.join.messages')}
          </TextLink>
        )}
      </div>
    </section>
  );
}

function Choice({ value, onChange }: { value: Reach; onChange: (value: Reach) => void }) {
  const t = useT();
  const id = useId();
  return (
    <div>
      <p id={id} className="mb-2 text-sm font-medium">
        {t('mesh.join.reach')}
      </p>
      <RadioGroup.Root
        aria-labelledby={id}
        value={value}
        onValueChange={(next) => onChange(next as Reach)}
        className="overflow-hidden rounded-lg border border-line"
      >
        {(['public', 'local'] as const).map((one) => (
          <label
            key={one}
            htmlFor={`${id}-${one}`}
            className="flex cursor-pointer items-start gap-3 border-b border-line bg-surface-raised px-3.5 py-3 last:border-b-0 hover:bg-hover"
          >
            <RadioGroup.Item
              id={`${id}-${one}`}
              value={one}
              aria-labelledby={`${id}-${one}-name`}
              aria-describedby={`${id}-${one}-note`}
              className="mt-0.5 flex size-4.5 shrink-0 items-center justify-center rounded-full border border-line-strong bg-surface-raised data-[state=checked]:border-accent"
            >
              <RadioGroup.Indicator className="size-2.5 rounded-full bg-accent" />
            </RadioGroup.Item>
            <span>
              <span id={`${id}-${one}-name`} className="block text-sm font-medium">
                {t(`mesh.join.${one}`)}
              </span>
              <span id={`${id}-${one}-note`} className="block text-sm text-ink-soft">
                {t(`mesh.join.${one}Note`)}
              </span>
            </span>
          </label>
        ))}
      </RadioGroup.Root>
    </div>
  );
}
