// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
import { useState } from 'react';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Select } from '../../../ui/choice.tsx';
import { cx } from '../../../ui/cx.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field } from '../../../ui/field.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { type DiffRow, rowsOf } from './diff-rows.ts';
import type { Version } from './history-dialog.tsx';

/** Rows made at once: all that a window shows is there, and thousands more wait for a word. */
const shownAtOnce = 1_000;

export function Compare({
  versions,
  older,
  newer,
  onChange,
}: {
  versions: readonly Version[];
  older: Version;
  newer: Version;
  onChange: (two: { older: Version; newer: Version }) => void;
}) {
  const t = useT();
  const format = useFormat();
  const { data, error } = useAgentQuery('vault.compare', { older: older.id, newer: newer.id });
  const options = versions.map(({ id, added, size }) => ({
    value: id,
    label: `${format.exact(added)} · ${format.bytes(size)}`,
  }));
  const the = (id: string, before: Version): Version => versions.find((one) => one.id === id) ?? before;
  return (
    <div className="flex flex-col gap-3 text-sm">
      <div className="grid gap-3 min-[560px]:grid-cols-2">
        <Field label={t('vault.history.older')}>
          {(control) => (
            <Select
              {...control}
              value={older.id as string}
              options={options}
              onChange={(id) => onChange({ older: the(id, older), newer })}
            />
          )}
        </Field>
        <Field label={t('vault.history.newer')}>
          {(control) => (
            <Select
              {...control}
              value={newer.id as string}
              options={options}
              onChange={(id) => onChange({ older, newer: the(id, newer) })}
            />
          )}
        </Field>
      </div>
      {error ? (
        <ErrorPanel error={error} />
      ) : !data ? (
        <Skeleton className="h-56" />
      ) : (
        <>
          <p role="status">
            {data.added + data.removed === 0
              ? t('vault.history.same')
              : `${t('vault.history.added', { count: data.added })} · ${t('vault.history.removed', { count: data.removed })}`}
            {data.cut && ` · ${t('vault.history.cut')}`}
          </p>
          {data.added + data.removed > 0 && <Lines key={`${older.id} ${newer.id}`} rows={rowsOf(data.pieces)} />}
        </>
      )}
    </div>
  );
}

const signs = { same: ' ', added: '+', removed: '−' } as const;

/** Line by line, with the number it has in each text. What is new or gone is told by a sign and a word, and by its ground. */
function Lines({ rows }: { rows: readonly DiffRow[] }) {
  const t = useT();
  const format = useFormat();
  const [most, setMost] = useState(shownAtOnce);
  return (
    <>
      <section
        aria-label={t('vault.history.lines')}
        tabIndex={0}
        className="max-h-[48vh] overflow-auto rounded-md border border-line bg-surface-sunk py-1 font-mono text-xs"
      >
        <table className="w-full border-collapse">
          <thead className="sr-only">
            <tr>
              <th>{t('vault.history.lineOlder')}</th>
              <th>{t('vault.history.lineNewer')}</th>
              <th>{t('vault.history.what')}</th>
              <th>{t('vault.history.line')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, most).map((row) =>
              row.kind === 'gap' ? (
                <tr key={row.key} className="text-ink-soft">
                  <td colSpan={4} className="border-y border-line px-3 py-1">
                    {t('vault.history.gap', { count: row.lines })}
                  </td>
                </tr>
              ) : (
                <tr
                  key={row.key}
                  className={cx(row.kind === 'added' && 'bg-accent-soft', row.kind === 'removed' && 'bg-danger-soft')}
                >
                  <td className="w-10 ps-2 text-end align-top text-ink-soft tabular-nums select-none">
                    {row.from === null ? '' : format.number(row.from)}
                  </td>
                  <td className="w-10 ps-2 text-end align-top text-ink-soft tabular-nums select-none">
                    {row.to === null ? '' : format.number(row.to)}
                  </td>
                  <td className="w-6 px-1 text-center align-top">
                    <span aria-hidden>{signs[row.kind]}</span>
                    {row.kind !== 'same' && <span className="sr-only">{t(`vault.history.is.${row.kind}`)}</span>}
                  </td>
                  <td className="pe-3 break-words whitespace-pre-wrap">{row.text}</td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      </section>
      {rows.length > most && (
        <Button size="small" className="self-start" onClick={() => setMost(most + shownAtOnce)}>
          {t('vault.history.more', { count: rows.length - most })}
        </Button>
      )}
    </>
  );
}
