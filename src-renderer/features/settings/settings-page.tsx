import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { Page } from '../../app/frame/page.tsx';
import { useT } from '../../lib/i18n.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Input } from '../../ui/field.tsx';
import { Section } from '../../ui/panel.tsx';
import { findSections, sections } from './sections.ts';

/** One section at a time; a search shows every section that has what was asked for. */
export function SettingsPage() {
  const t = useT();
  const { section: key } = useParams({ strict: false }) as { section?: string };
  const [query, setQuery] = useState('');
  const searching = query.trim() !== '';
  const current = sections.find((s) => s.key === key) ?? sections[0];
  const shown = searching ? findSections(query, t) : current ? [current] : [];
  return (
    <Page title={t('settings.title')}>
      <div className="grid gap-x-10 gap-y-6 min-[900px]:grid-cols-[200px_minmax(0,1fr)]">
        <nav aria-label={t('settings.title')}>
          <Input
            type="search"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            aria-label={t('settings.search')}
            placeholder={t('common.search')}
            className="mb-3"
          />
          <ul className="flex flex-wrap gap-0.5 min-[900px]:flex-col">
            {sections.map((section) => (
              <li key={section.key}>
                <Link
                  to="/settings/$section"
                  params={{ section: section.key }}
                  onClick={() => setQuery('')}
                  aria-current={!searching && section === current ? 'page' : undefined}
                  className="block rounded-md px-2.5 py-1.5 text-sm text-ink-soft hover:bg-hover hover:text-ink aria-[current=page]:bg-hover aria-[current=page]:font-medium aria-[current=page]:text-ink"
                >
                  {t(section.title)}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className="flex min-w-0 flex-col gap-8">
          {shown.length === 0 && <EmptyState title={t('settings.nothing')} />}
          {shown.map((section) => (
            <Section key={section.key} title={t(section.title)} className="first:border-t-0 first:pt-0">
              <section.component />
            </Section>
          ))}
        </div>
      </div>
    </Page>
  );
}
