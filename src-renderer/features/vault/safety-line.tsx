import type { VaultStatus } from '#shared/contract/vault.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { safetyWords, vaultWord } from '../../lib/safety.ts';
import { TextLink } from '../../ui/link-button.tsx';
import { State } from '../../ui/state.tsx';
import { Time } from '../../ui/time.tsx';

/** How the vault is, in one line: word, meaning, when it was checked, and the next step where there is one. */
export function SafetyLine({ status, link = true }: { status: VaultStatus; link?: boolean }) {
  const t = useT();
  const format = useFormat();
  if (status.files === null || status.size === null || status.files === 0) return null;
  const { tone, word } = vaultWord(status);
  const step = link ? nextStep(status) : null;
  return (
    <div className="mb-2 flex shrink-0 flex-wrap items-center gap-x-3 gap-y-0.5 text-sm">
      <State tone={tone}>{t(word)}</State>
      <span>{t(safetyWords(status.devices)[status.safety].meaning)}</span>
      <span className="text-ink-soft">
        {t('common.files', { count: status.files })} · {format.bytes(status.size)}
        {status.verifiedAt !== null && (
          <>
            {' · '}
            {t('vault.inspect.verified')} <Time at={status.verifiedAt} />
          </>
        )}
      </span>
      {step && <TextLink to="/vault/places">{t(step)}</TextLink>}
    </div>
  );
}

function nextStep(status: VaultStatus) {
  if (status.safety === 'damaged' || status.safety === 'at-risk') return 'vault.next.repair';
  if (status.safety === 'only-here') return 'vault.next.addPlace';
  return null;
}
