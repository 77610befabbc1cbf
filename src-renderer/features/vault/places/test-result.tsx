import type { PlaceTest } from '#shared/contract/vault.ts';
import type { FailureText } from '../../../lib/failure.ts';
import { useFormat } from '../../../lib/format.ts';
import { useLocale, useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Notice } from '../../../ui/panel.tsx';
import { State } from '../../../ui/state.tsx';
import { isGood } from './place-form.ts';

/** What a look at the address found, how long it took and how much room there is. Announced when it comes. */
function TestResult({ result }: { result: PlaceTest }) {
  const t = useT();
  const format = useFormat();
  const english = useLocale().startsWith('en');
  if (result.found === 'unconfirmed') return null;
  // The core names the thing and says what the server said; in other languages what is known of it.
  const text = english ? result.text : t(`vault.place.found.${result.found}`, { path: result.path });
  return (
    <div role="status" className="flex flex-col gap-0.5 text-sm">
      <State tone={isGood(result) ? 'ok' : 'attention'} className="whitespace-normal!">
        {text}
      </State>
      <p className="text-ink-soft">
        {t('vault.place.took', { ms: format.number(result.tookMs) })}
        {result.free !== null && ` · ${t('vault.place.room', { size: format.bytes(result.free) })}`}
      </p>
      {!isGood(result) && english && <p>{result.next}</p>}
    </div>
  );
}

/** What a test or an attempt came to; above the buttons, where it is seen wherever the form is scrolled to. */
export function Outcome({ result, failure }: { result: PlaceTest | null; failure: FailureText | null }) {
  return (
    <div className="w-full empty:hidden">
      {result && <TestResult result={result} />}
      {failure && (
        <p role="alert" className="text-sm text-danger">
          {[failure.message, failure.next].filter(Boolean).join(' ')}
        </p>
      )}
    </div>
  );
}

/** Typed on the server itself; the same in every language. */
const showKey = 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub';

/** The key that an SFTP server showed, to be compared and confirmed by the person; nothing is sent before that. */
export function ConfirmKey({
  host,
  fingerprint,
  onConfirm,
}: {
  host: string;
  fingerprint: string;
  onConfirm: () => void;
}) {
  const t = useT();
  return (
    <Notice tone="attention" action={<Button onClick={onConfirm}>{t('vault.place.confirmKey')}</Button>}>
      <p className="font-medium">{t('vault.place.keyShown', { host })}</p>
      <p dir="ltr" className="font-mono text-sm break-all">
        {fingerprint}
      </p>
      <p>{t('vault.place.keyCompare')}</p>
      <p dir="ltr" className="font-mono text-xs break-all">
        {showKey}
      </p>
    </Notice>
  );
}
