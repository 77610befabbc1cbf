import type { Warning } from '#shared/contract/wallet/review.ts';
import { Notice } from '../../../ui/panel.tsx';

const tones = { note: 'plain', caution: 'attention', danger: 'danger' } as const;
const rank = { danger: 0, caution: 1, note: 2 } as const;

/** What speaks against it, the worst first. */
export function WarningList({ warnings }: { warnings: readonly Warning[] }) {
  return warnings
    .toSorted((a, b) => rank[a.severity] - rank[b.severity])
    .map(({ code, severity, text }) => (
      <Notice key={`${code} ${text}`} tone={tones[severity]}>
        {text}
      </Notice>
    ));
}
