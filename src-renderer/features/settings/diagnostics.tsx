import { useState } from 'react';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { saveText } from '../../lib/save-text.ts';
import { useWanted } from '../../state/use-wanted.ts';
import { Button } from '../../ui/button.tsx';
import { Row } from './row.tsx';

/** A report for asking for help: collected, shown file by file, saved only then, and sent nowhere. */
export function Diagnostics() {
  const t = useT();
  const format = useFormat();
  const collect = useAgentMutation('system.diagnostics', { onDone: ({ files }) => setShown(files[0]?.name ?? null) });
  const [shown, setShown] = useState<string | null>(null);
  useWanted('system.diagnostics', () => collect.mutate({}));
  const files = collect.data?.files ?? [];
  const file = files.find((f) => f.name === shown);
  return (
    <>
      <Row label={t('settings.diagnostics.label')} hint={t('settings.diagnostics.hint')}>
        <Button busy={collect.isPending} onClick={() => collect.mutate({})}>
          {t('settings.diagnostics.collect')}
        </Button>
        {files.length > 0 && (
          <Button
            tone="primary"
            onClick={() =>
              saveText('hypha-diagnostics.txt', files.map((f) => `=== ${f.name} ===\n${f.text.trimEnd()}\n`).join('\n'))
            }
          >
            {t('settings.diagnostics.save')}
          </Button>
        )}
      </Row>
      {files.length > 0 && (
        <div className="mt-3 grid gap-4 min-[900px]:grid-cols-[200px_1fr]">
          <ul className="flex flex-col gap-0.5">
            {files.map((f) => (
              <li key={f.name}>
                <button
                  type="button"
                  aria-pressed={f.name === shown}
                  onClick={() => setShown(f.name)}
                  className="flex w-full justify-between gap-3 rounded-md px-2 py-1 text-start text-sm hover:bg-hover aria-pressed:bg-hover"
                >
                  <span className="truncate font-mono">{f.name}</span>
                  <span className="whitespace-nowrap text-ink-soft">{format.bytes(f.text.length)}</span>
                </button>
              </li>
            ))}
          </ul>
          <section
            // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
            tabIndex={0}
            aria-label={file?.name}
            className="max-h-96 overflow-auto rounded-lg border border-line bg-surface-raised p-3"
          >
            <pre className="font-mono text-xs break-words whitespace-pre-wrap">{file?.text}</pre>
          </section>
        </div>
      )}
    </>
  );
}
