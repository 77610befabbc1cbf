import { useNavigate } from '@tanstack/react-router';
import { Command as Cmdk } from 'cmdk';
import { ArrowRight, File, Folder, Play, SquarePen } from 'lucide-react';
import { type ReactNode, useDeferredValue } from 'react';
import { agentContract } from '#shared/contract/agent.ts';
import { useAgentQuery } from '../../lib/agent/hooks.ts';
import { type MessageKey, useT } from '../../lib/i18n.ts';
import { useUi } from '../../state/ui.ts';
import { itemWish } from '../../state/wanted-item.ts';
import { Kbd } from '../../ui/kbd.tsx';
import { Marked, type MarkedProps } from '../../ui/marked.tsx';
import { railPages } from '../pages.ts';
import { type Command, deriveCommands } from './commands.ts';
import { beginsWith, matches } from './match.ts';
import { fieldLook, PaletteField } from './palette-field.tsx';

const commands = deriveCommands();
const folderPath = (id: string | null) => (id === null || id === 'root' ? '/vault' : `/vault/${id}`);
const titleKey = (command: Command) => `frame.commands.${command.method}` as MessageKey;

export interface PaletteBodyProps {
  query: string;
  onQuery: (query: string) => void;
  /** It cannot be taken back: ask first. */
  onAsk: (command: Command) => void;
  run: (command: Command) => Promise<void>;
}

/** What was typed, and everything that it may mean. */
export function PaletteBody({ query, onQuery, onAsk, run }: PaletteBodyProps) {
  const t = useT();
  const navigate = useNavigate();
  const setOpen = useUi((s) => s.setPaletteOpen);
  const want = useUi((s) => s.want);
  const words = useDeferredValue(query.trim());
  const searching = words.length >= 2;
  const found = useAgentQuery(
    'vault.search',
    { query: words || '-', limit: 8, typing: true },
    { enabled: searching, keepPrevious: true },
  );
  const files = searching ? (found.data?.items ?? []) : [];
  const rooms = railPages
    .map((page, i) => ({ page, keys: `alt+${i + 1}` }))
    .filter(({ page }) => matches(query, t(page.title)));
  const doable = commands.filter((command) =>
    matches(query, [t(titleKey(command)), ...agentContract[command.method].examples].join(' ')),
  );
  const nothing = files.length + rooms.length + doable.length === 0;
  const go = (path: string) => {
    setOpen(false);
    void navigate({ to: path });
  };
  const choose = (command: Command) => {
    if (command.kind === 'open') {
      go(command.path);
      want(command.method);
      return;
    }
    setOpen(false);
    if (command.kind === 'ask') onAsk(command);
    else void run(command);
  };
  // Whoever types a room's name wants the room, even where a file is called so too.
  const named = rooms.some(({ page }) => beginsWith(query, t(page.title)));
  const roomGroup = rooms.length > 0 && (
    <Cmdk.Group heading={t('frame.palette.go')}>
      {rooms.map(({ page, keys }) => (
        <Item
          key={page.path}
          value={`${t(page.title)} ${page.path}`}
          icon={<ArrowRight {...look} />}
          keys={keys}
          onSelect={() => go(page.path)}
        >
          {t(page.title)}
        </Item>
      ))}
    </Cmdk.Group>
  );
  return (
    <Cmdk label={t('frame.search')} loop shouldFilter={false}>
      <PaletteField>
        <Cmdk.Input
          autoFocus
          // What was typed before this field came is in it already; typing goes on behind it.
          onFocus={(event) => event.target.setSelectionRange(query.length, query.length)}
          value={query}
          onValueChange={onQuery}
          placeholder={t('frame.palette.placeholder')}
          className={fieldLook}
        />
      </PaletteField>
      <Cmdk.List className="max-h-[52vh] overflow-y-auto p-1.5 [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2.5 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-soft">
        {nothing && (
          // An option, though a disabled one: a list box without options is no list box to a screen reader.
          <Cmdk.Item disabled value="nothing" className="px-3 py-8 text-center text-sm text-ink-soft">
            {t('frame.palette.empty')}
          </Cmdk.Item>
        )}
        {named && roomGroup}
        {files.length > 0 && (
          <Cmdk.Group heading={t('frame.palette.files')}>
            {files.map((file) => (
              <Item
                key={file.id}
                value={`file ${file.id}`}
                icon={file.kind === 'folder' ? <Folder {...look} /> : <File {...look} />}
                note={file.path}
                {...(file.match?.snippet ? { under: file.match.snippet } : {})}
                onSelect={() => {
                  go(folderPath(file.kind === 'folder' ? file.id : file.parent));
                  if (file.kind === 'file') want(itemWish(file.parent, file.id));
                }}
              >
                {file.name}
              </Item>
            ))}
          </Cmdk.Group>
        )}
        {!named && roomGroup}
        {doable.length > 0 && (
          <Cmdk.Group heading={t('frame.palette.do')}>
            {doable.map((command) => (
              <Item
                key={command.method}
                value={`${t(titleKey(command))} ${command.method}`}
                icon={command.kind === 'open' ? <SquarePen {...look} /> : <Play {...look} />}
                onSelect={() => choose(command)}
              >
                {t(titleKey(command))}
              </Item>
            ))}
          </Cmdk.Group>
        )}
      </Cmdk.List>
    </Cmdk>
  );
}

const look = { 'aria-hidden': true, className: 'size-4 shrink-0 text-ink-soft', strokeWidth: 1.75 } as const;

interface ItemProps {
  value: string;
  icon: ReactNode;
  note?: string;
  /** The piece of its text that was found. */
  under?: MarkedProps;
  keys?: string;
  onSelect: () => void;
  children: string;
}

function Item({ icon, note, under, keys, children, ...rest }: ItemProps) {
  return (
    <Cmdk.Item
      {...rest}
      className="flex min-h-9 items-center gap-3 rounded-md px-2.5 text-sm data-[selected=true]:bg-hover"
    >
      {icon}
      <span className="min-w-0 grow">
        <span className="flex items-baseline gap-3">
          <span className="truncate">{children}</span>
          {note && <span className="min-w-0 grow truncate text-end text-ink-soft">{note}</span>}
        </span>
        {under && (
          <bdi className="block truncate pb-1 text-xs text-ink-soft">
            <Marked {...under} />
          </bdi>
        )}
      </span>
      {keys && (
        <span className="ms-auto">
          <Kbd keys={keys} />
        </span>
      )}
    </Cmdk.Item>
  );
}
