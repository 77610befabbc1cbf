import { createPortal } from 'react-dom';
import type { RecoveryKit } from '#shared/contract/vault.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { WordGrid } from '../onboarding/word-grid.tsx';

interface KitProps {
  kit: RecoveryKit;
  /** Only where the person asked for them. */
  words: readonly string[] | null;
}

/** What a kit says, on the screen and on paper. */
export function KitSheet({ kit, words }: KitProps) {
  const t = useT();
  const format = useFormat();
  return (
    <div className="flex flex-col gap-3 text-sm">
      <p>
        {t('recovery.kit.madeFor', { when: format.exact(kit.madeAt), person: kit.person })}
        <br />
        <span className="font-mono">{t('recovery.kit.fingerprint', { fingerprint: kit.fingerprint })}</span>
      </p>
      <p className="font-medium">{t('recovery.kit.need', { needed: kit.needed, count: kit.places.length })}</p>
      <table className="w-full border-collapse text-start">
        <thead>
          <tr className="border-b border-line-strong text-start">
            <th className="py-1 pe-3 text-start font-medium">{t('recovery.kit.place')}</th>
            <th className="py-1 pe-3 text-start font-medium">{t('recovery.kit.where')}</th>
            <th className="py-1 text-start font-medium">{t('recovery.kit.opensColumn')}</th>
          </tr>
        </thead>
        <tbody>
          {kit.places.map((place) => (
            <tr key={place.id} className="border-b border-line align-top">
              <td className="py-1.5 pe-3">
                {place.name}
                {place.owner !== '' && (
                  <span className="block text-ink-soft">{t('recovery.kit.owner', { owner: place.owner })}</span>
                )}
                {place.site !== '' && (
                  <span className="block text-ink-soft">{t('recovery.kit.site', { site: place.site })}</span>
                )}
                {place.here && <span className="block text-attention">{t('recovery.kit.here')}</span>}
              </td>
              <td className="py-1.5 pe-3 font-mono text-xs break-all">
                {t(`vault.place.kind.${place.kind}`)}: {place.where}
                {place.account !== '' && (
                  <span className="block">{t('recovery.kit.account', { account: place.account })}</span>
                )}
              </td>
              <td className="py-1.5">
                {t(`recovery.kit.opens.${place.opens}`)}
                {place.secrets.length > 0 && (
                  <span className="block text-ink-soft">
                    {t('recovery.kit.withoutLines', {
                      names: place.secrets.map((name) => t(`recovery.kit.secret.${name}`)).join(', '),
                    })}
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        {t('recovery.kit.settings', {
          names: kit.settings.map(({ key }) => t(`recovery.kit.settingNames.${key}`)).join(', '),
        })}{' '}
        {t('recovery.kit.notIn')}
      </p>
      <p>{t('recovery.kit.how')}</p>
      {words && (
        <section>
          <h3 className="pb-2 font-medium">{t('recovery.kit.wordsTitle')}</h3>
          <WordGrid words={words} />
        </section>
      )}
      <section>
        <h3 className="pb-1 font-medium">{t('recovery.kit.linesTitle')}</h3>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
        <pre className="overflow-x-auto font-mono text-xs leading-5" tabIndex={0}>
          {kit.lines.join('\n')}
        </pre>
      </section>
    </div>
  );
}

/** The same beside the page, where only a printer sees it (ui/styles.css, "print"). */
export const PrintedKit = (props: KitProps) => {
  const t = useT();
  return createPortal(
    <div className="print-sheet" aria-hidden>
      <h1 className="pb-2 text-xl font-semibold">{t('recovery.kit.label')}</h1>
      <KitSheet {...props} />
    </div>,
    document.body,
  );
};
