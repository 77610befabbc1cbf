import { ClipboardPaste, Copy, Proportions, Speech } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Machine } from '#shared/contract/machines.ts';
import { type Out, useAgentStream } from '../../../lib/agent/hooks.ts';
import { useAgent, useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { IconButton } from '../../../ui/button.tsx';
import { isMac, Kbd } from '../../../ui/kbd.tsx';
import { State } from '../../../ui/state.tsx';
import { toast } from '../../../ui/toast.tsx';
import { isAlive } from '../machine/actions.ts';
import { advance } from './position.ts';
import type { TerminalHandle } from './terminal.tsx';
import { createTyper } from './typer.ts';

const Terminal = lazy(() => import('./terminal.tsx'));
/** How much of what was printed before is asked for. */
const scrollbackBytes = 512 * 1024;
/** A console that broke off while the agent is there is opened again after this. */
const retryMs = 2000;

/** The serial console: what the machine prints and printed, and a keyboard for it. */
export function ConsoleTab({ machine }: { machine: Machine }) {
  const t = useT();
  const format = useFormat();
  const { link } = useAgent();
  const ready = useLink().phase === 'ready';
  const alive = isAlive(machine.state);
  const terminal = useRef<TerminalHandle>(null);
  const toolbar = useRef<HTMLDivElement>(null);
  const position = useRef<number | null>(null);
  const [mounted, setMounted] = useState(false);
  const [readAloud, setReadAloud] = useState(false);

  const take = useCallback(
    (piece: Out<'machines.console'>) => {
      const step = advance(position.current, piece);
      position.current = step.position;
      if (step.restarted) terminal.current?.clear();
      if (step.missed > 0) terminal.current?.note(t('machines.console.missed', { size: format.bytes(step.missed) }));
      terminal.current?.write(step.write);
    },
    [t, format],
  );
  const from = useCallback(() => ({ machine: machine.id, from: position.current ?? -scrollbackBytes }), [machine.id]);
  const [round, setRound] = useState(0);
  const { state } = useAgentStream('machines.console', mounted ? from : null, take, `${mounted}${round}`);
  useEffect(() => {
    if (!ready || (state !== 'ended' && state !== 'failed')) return;
    const timer = setTimeout(() => setRound((n) => n + 1), retryMs);
    return () => clearTimeout(timer);
  }, [ready, state]);

  const typer = useMemo(
    () =>
      createTyper({
        send: (bytes) => link.connection().client['machines.type']({ machine: machine.id, bytes }),
        failed: (error) => toast.failed(error),
      }),
    [link, machine.id],
  );
  const type = (text: string) => {
    if (alive && ready) typer.type(text);
  };
  const copy = () => {
    const text = terminal.current?.selection() ?? '';
    if (text === '') return toast.done(t('machines.console.nothingSelected'));
    void navigator.clipboard.writeText(text).then(
      () => toast.done(t('common.copied')),
      (error: unknown) => toast.failed(error),
    );
  };
  /** The button needs a right that only some browsers give; the keys do not, so without it they are named. */
  const paste = async () => {
    const text = await navigator.clipboard.readText().catch(() => null);
    terminal.current?.focus();
    if (text !== null) terminal.current?.paste(text);
    else toast.done(t('machines.console.pasteByKeys', { keys: isMac ? '⌘V' : 'Ctrl+Shift+V' }));
  };
  const tellSize = () => {
    const { rows, cols } = terminal.current?.size() ?? { rows: 24, cols: 80 };
    type(`stty rows ${rows} cols ${cols}\r`);
    terminal.current?.focus();
  };
  const attach = useCallback((handle: TerminalHandle | null) => {
    terminal.current = handle;
    if (handle === null) position.current = null;
    setMounted(handle !== null);
  }, []);

  const following = ready && state === 'open';
  return (
    <div className="flex h-full min-h-72 flex-col gap-2">
      <div ref={toolbar} className="flex shrink-0 items-center gap-1 text-sm">
        <span role="status" className="grow">
          <State tone={!following ? 'attention' : alive ? 'active' : 'idle'}>
            {!following
              ? t('machines.console.away')
              : alive
                ? t('machines.console.live')
                : t('machines.console.stopped')}
          </State>
        </span>
        <span className="me-2 text-xs text-ink-soft max-[899px]:hidden">
          {t('machines.console.leave')} <Kbd keys="F6" />
        </span>
        <IconButton icon={Copy} label={t('machines.console.copy')} keys="mod+shift+c" onClick={copy} />
        <IconButton
          icon={ClipboardPaste}
          label={t('machines.console.paste')}
          keys="mod+shift+v"
          disabled={!alive || !ready}
          onClick={() => void paste()}
        />
        <IconButton
          icon={Proportions}
          label={t('machines.console.tellSize')}
          disabled={!alive || !ready}
          onClick={tellSize}
        />
        <IconButton
          icon={Speech}
          label={t('machines.console.readAloud')}
          pressed={readAloud}
          onClick={() => setReadAloud(!readAloud)}
        />
      </div>
      <div className="min-h-0 grow rounded-lg border border-line bg-surface-sunk p-2 focus-within:border-link">
        <Suspense fallback={null}>
          <Terminal
            ref={attach}
            label={t('machines.console.of', { name: machine.spec.name })}
            readAloud={readAloud}
            onType={type}
            onLeave={() => toolbar.current?.querySelector('button')?.focus()}
            onCopy={copy}
            onPassedOver={(bytes) =>
              terminal.current?.note(t('machines.console.passedOver', { size: format.bytes(bytes) }))
            }
          />
        </Suspense>
      </div>
    </div>
  );
}
