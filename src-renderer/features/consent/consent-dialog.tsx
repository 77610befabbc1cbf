import type { ConsentRequest } from '#shared/contract/activity.ts';
import { agentContract } from '#shared/contract/agent.ts';
import type { AnyMethod, Contract } from '#shared/rpc/contract.ts';
import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useNow } from '../../lib/clock.ts';
import { formatDuration, useFormat } from '../../lib/format.ts';
import { type MessageKey, useOptionalT, useT } from '../../lib/i18n.ts';
import { useMethodWords } from '../../lib/method-words.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Facts } from '../../ui/panel.tsx';
import { argumentRows } from './argument-words.ts';

type Face = ConsentRequest['caller']['face'];
export const faceWords: Record<Face, MessageKey> = {
  ui: 'frame.faces.ui',
  cli: 'frame.faces.cli',
  assistant: 'frame.faces.assistant',
  mcp: 'frame.faces.mcp',
  peer: 'frame.faces.peer',
  shell: 'frame.faces.shell',
  site: 'frame.faces.site',
};

/**
 * A question to the person, one at a time, oldest first. Every word of it comes from the core and the contract, in
 * other languages by way of the core's sentence about the very call that is approved. It
 * cannot be brushed aside by a stray click or Escape; refusing is the button that has the focus.
 */
export function ConsentDialog() {
  const { data } = useAgentQuery('consent.pending', {});
  const now = useNow(1000);
  const request = data?.requests.filter((r) => r.expiresAt > now).sort((a, b) => a.askedAt - b.askedAt)[0];
  if (!request) return null;
  return <Question key={request.id} request={request} now={now} />;
}

function Question({ request, now }: { request: ConsentRequest; now: number }) {
  const t = useT();
  const words = useMethodWords();
  const lookup = useOptionalT();
  const format = useFormat();
  const rows = argumentRows(request.method, request.arguments, { t, lookup, format, title: words.title });
  const { text, core } = words.tell(request.method, request.summary);
  const answer = useAgentMutation('consent.answer');
  const decide = (allow: boolean) => answer.mutate({ request: request.id, allow });
  const danger = request.effect === 'delete' || request.effect === 'spend';
  return (
    <Dialog
      open
      insistent
      onOpenChange={() => {}}
      title={t('frame.consent.title', { who: request.caller.name })}
      description={t('frame.consent.face', { face: t(faceWords[request.caller.face]) })}
      footer={
        <>
          <span className="me-auto self-center text-sm text-ink-soft">
            {t('frame.consent.expires', { time: formatDuration(request.expiresAt - now + 999) })}
          </span>
          <Button autoFocus onClick={() => decide(false)} disabled={answer.isPending}>
            {t('frame.consent.refuse')}
          </Button>
          <Button tone={danger ? 'danger' : 'primary'} onClick={() => decide(true)} disabled={answer.isPending}>
            {t('frame.consent.allow')}
          </Button>
        </>
      }
    >
      <p className="text-lg font-semibold break-words">{text}</p>
      {core !== null && (
        <p lang="en" className="break-words">
          {core}
        </p>
      )}
      {rows.length > 0 && (
        <div className="mt-3 rounded-lg border border-line px-3 py-1">
          <Facts
            rows={rows.map(({ name, label, lines, literal }) => ({
              id: name,
              label: label ?? <span className="font-mono">{name}</span>,
              value: lines.map((line, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines never change, and one may occur twice
                <span key={i} className={literal ? 'block font-mono break-all whitespace-pre-wrap' : 'block'}>
                  {line}
                </span>
              )),
            }))}
          />
        </div>
      )}
      <p className="mt-3 text-sm text-ink-soft">{words.spokenByCore ? request.undo : t(undoKey(request.method))}</p>
    </Dialog>
  );
}

function undoKey(method: string): MessageKey {
  const spec: AnyMethod | undefined = (agentContract as Contract)[method];
  if (!spec?.undo) return spec?.effect === 'read' ? 'frame.consent.undo.reads' : 'frame.consent.undo.never';
  return 'never' in spec.undo ? 'frame.consent.undo.never' : 'frame.consent.undo.can';
}
