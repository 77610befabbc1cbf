import { useParams } from '@tanstack/react-router';
import { Activity, Route as RouteIcon, Stethoscope } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { MeshRoom } from '../mesh-room.tsx';
import { readPort, readTarget } from '../services/ports.ts';
import { Ping } from './ping.tsx';
import { Trace } from './trace.tsx';
import { Why } from './why.tsx';

export function DiagnosePage() {
  const { target = '' } = useParams({ strict: false }) as { target?: string };
  return <MeshRoom here="diagnose">{() => <Diagnose key={target} given={target} />}</MeshRoom>;
}

const kinds = ['ping', 'trace', 'why'] as const;
type Kind = (typeof kinds)[number];
const icons = { ping: Activity, trace: RouteIcon, why: Stethoscope } as const;

interface Run {
  kind: Kind;
  target: string;
  port: number | undefined;
  /** Asked anew each time, also about the same. */
  at: number;
}

/** Is it there, which way does it go, and if not, why not. */
function Diagnose({ given }: { given: string }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const [typed, setTyped] = useState(given);
  const [port, setPort] = useState('');
  const [tried, setTried] = useState(false);
  const [run, setRun] = useState<Run | null>(null);
  const field = useRef<HTMLInputElement>(null);
  useWanted('mesh.diagnose', () => field.current?.focus());
  const target = readTarget(typed);
  const service = port.trim() === '' ? undefined : readPort(port);
  const start = (kind: Kind) => {
    setTried(true);
    if (target === null || service === null) return;
    setRun({ kind, target, port: service, at: (run?.at ?? 0) + 1 });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start('why');
  };
  return (
    <div className="flex flex-col gap-8">
      <form noValidate onSubmit={submit} className="flex max-w-[760px] flex-col gap-4">
        <p className="text-sm text-ink-soft">{t('mesh.diagnose.text')}</p>
        <div className="grid grid-cols-1 gap-4 min-[700px]:grid-cols-[minmax(0,1fr)_10rem]">
          <Field
            label={t('mesh.diagnose.target')}
            hint={t('mesh.target.hint')}
            error={tried && target === null ? t('mesh.target.wrong') : undefined}
            required
          >
            {(control) => (
              <Input
                {...control}
                ref={field}
                dir="ltr"
                className="font-mono text-sm!"
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
            )}
          </Field>
          <Field
            label={t('mesh.diagnose.port')}
            error={tried && service === null ? t('mesh.port.wrong') : undefined}
            optional
          >
            {(control) => (
              <Input {...control} inputMode="numeric" value={port} onChange={(event) => setPort(event.target.value)} />
            )}
          </Field>
        </div>
        <div className="flex flex-wrap gap-2">
          {kinds.toReversed().map((kind) => (
            <Button
              key={kind}
              type={kind === 'why' ? 'submit' : 'button'}
              tone={kind === 'why' ? 'primary' : 'plain'}
              icon={icons[kind]}
              disabled={!ready}
              onClick={kind === 'why' ? undefined : () => start(kind)}
            >
              {t(`mesh.diagnose.${kind}`)}
            </Button>
          ))}
        </div>
      </form>
      {run?.kind === 'ping' && <Ping key={run.at} target={run.target} />}
      {run?.kind === 'trace' && <Trace key={run.at} target={run.target} />}
      {run?.kind === 'why' && <Why key={run.at} target={run.target} port={run.port} />}
    </div>
  );
}
