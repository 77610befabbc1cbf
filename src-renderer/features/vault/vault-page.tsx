import { useNavigate, useParams } from '@tanstack/react-router';
import { FolderPlus, FolderUp, Upload } from 'lucide-react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import type { VaultItem } from '#shared/contract/vault.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { useAgentQuery } from '../../lib/agent/hooks.ts';
import { useAgent, useLink } from '../../lib/agent/provider.tsx';
import { useT } from '../../lib/i18n.ts';
import { useWanted } from '../../state/use-wanted.ts';
import { useWantedItem } from '../../state/wanted-item.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Breadcrumb } from './browse/breadcrumb.tsx';
import { carriesItems, droppedItems, fillDrag } from './browse/drag.ts';
import { FileList } from './browse/file-list.tsx';
import type { Row } from './browse/rows.ts';
import { SearchBox } from './browse/search-box.tsx';
import { SearchLine } from './browse/search-line.tsx';
import { noSelection, pick, type Selection } from './browse/selection.ts';
import { SelectionBar } from './browse/selection-bar.tsx';
import { shownName } from './browse/shown-name.ts';
import { useFileActions } from './browse/use-file-actions.ts';
import { type Folder, type ListSort, useFixedRows, useListing } from './browse/use-listing.ts';
import { useSelectedRows } from './browse/use-selected-rows.ts';
import { MoveDialog } from './dialogs/move.tsx';
import { NewFolderDialog } from './dialogs/new-folder.tsx';
import { AgeDialog } from './give/age-dialog.tsx';
import { HistoryDialog } from './history/history-dialog.tsx';
import { PreviewDialog } from './inspect/preview-dialog.tsx';
import { SidePanel, sidePanelFrom } from './inspect/side-panel.tsx';
import { useWide } from './inspect/use-wide.ts';
import { SafetyLine } from './safety-line.tsx';
import { SaveDialog } from './save/save-dialog.tsx';
import { ShareDialog } from './shares/share-dialog.tsx';
import { ClashDialog } from './upload/clash-dialog.tsx';
import { DropZone } from './upload/drop-zone.tsx';
import { FilePicker, type FilePickerHandle } from './upload/file-picker.tsx';
import type { Target } from './upload/job.ts';
import { UploadStrip } from './upload/upload-strip.tsx';
import { useStore } from './upload/use-store.ts';
import { VaultGate } from './vault-gate.tsx';
import { VaultNav } from './vault-nav.tsx';

export function VaultPage() {
  const t = useT();
  const { folder = 'root' } = useParams({ strict: false }) as { folder?: string };
  const picker = useRef<FilePickerHandle>(null);
  // A folder opened from the list keeps the keyboard in the list that follows.
  const follow = useRef(false);
  const ready = useLink().phase === 'ready';
  const store = useStore();
  return (
    <VaultGate
      fixed
      width="full"
      action={
        <>
          {/* Beside its button, which is there before the listing is. */}
          <FilePicker ref={picker} onChosen={(files) => store.chosen(files, folder as Target)} />
          <Button tone="primary" icon={Upload} disabled={!ready} onClick={() => picker.current?.files()}>
            {t('vault.upload.files')}
          </Button>
        </>
      }
    >
      {(status) => (
        <>
          <VaultNav here="files" />
          <SafetyLine status={status} />
          <Browser key={folder} folder={folder as Target} picker={picker} follow={follow} store={store} />
        </>
      )}
    </VaultGate>
  );
}

const nothing: readonly Row[] = [];
/** Results that are shown: whoever does not find it among these looks for something finer. */
const mostFound = 200;

function Browser({
  folder,
  picker,
  follow,
  store,
}: {
  folder: Target;
  picker: RefObject<FilePickerHandle | null>;
  follow: RefObject<boolean>;
  /** Shared with the chooser above: what one of them asks, the other shows. */
  store: ReturnType<typeof useStore>;
}) {
  const t = useT();
  const navigate = useNavigate();
  const { link } = useAgent();
  const ready = useLink().phase === 'ready';
  const actions = useFileActions();
  const [sort, setSort] = useState<ListSort>({ key: 'name', descending: false });
  const [query, setQuery] = useState('');
  const [selection, setSelection] = useState<Selection>(noSelection);
  const [renaming, setRenaming] = useState<ItemId | null>(null);
  const [dialog, setDialog] = useState<'folder' | 'move' | 'share' | null>(null);
  const [peek, setPeek] = useState<VaultItem | null>(null);
  const [saving, setSaving] = useState<readonly VaultItem[] | null>(null);
  const [locking, setLocking] = useState<VaultItem | null>(null);
  const [history, setHistory] = useState<VaultItem | null>(null);
  const pressed = useRef<{ item: ItemId; url: string } | null>(null);
  useWanted('vault.makeFolder', () => setDialog('folder'));

  const listing = useListing(folder as Folder, sort);
  const [reveal, setReveal] = useState<{ index: number } | null>(null);
  const wide = useWide(sidePanelFrom);
  useWantedItem(folder, !listing.pending, (id) => {
    setQuery('');
    void listing.rows.all().then((every) => {
      const index = every.findIndex((row) => row.id === id);
      const row = every[index];
      if (!row) return;
      setSelection(pick(noSelection, index, { range: false, toggle: false }, () => id));
      setReveal({ index });
      if (!wide) setPeek(row);
    });
  });
  const [indexing, setIndexing] = useState(false);
  const found = useAgentQuery(
    'vault.search',
    { query: query || '-', limit: mostFound, typing: true },
    // How far the index is, no event tells.
    { enabled: query !== '', keepPrevious: true, ...(indexing ? { everyMs: 3_000 } : {}) },
  );
  const reading = query !== '' && found.data?.index.state === 'reading';
  useEffect(() => setIndexing(reading), [reading]);
  const results = useFixedRows(query === '' ? nothing : (found.data?.items ?? nothing));
  const rows = query === '' ? listing.rows : results;
  const selected = useSelectedRows(rows, selection);
  const ids = selected.map((row) => row.id);

  const openFolder = (id: string) => {
    follow.current = true;
    void (id === 'root' ? navigate({ to: '/vault' }) : navigate({ to: '/vault/$folder', params: { folder: id } }));
  };
  const open = (row: Row) => (row.kind === 'folder' ? openFolder(row.id) : setPeek(row));
  const up = () => {
    if (query !== '') setQuery('');
    else if (folder !== 'root') openFolder(listing.path.filter((step) => step.id !== 'root').at(-2)?.id ?? 'root');
  };
  const search = (text: string) => {
    setQuery(text);
    setSelection(noSelection);
  };
  const name = shownName(listing.path.at(-1)?.name ?? '') || t('vault.title');
  const empty = !listing.pending && listing.failure === null && rows.count === 0;

  return (
    <DropZone
      name={folder === 'root' ? t('vault.title') : name}
      disabled={!ready}
      onDrop={(transfer) => store.dropped(transfer, folder)}
    >
      <div className="flex min-h-0 grow gap-5">
        <div className="flex min-h-0 min-w-0 grow flex-col">
          <div className="flex h-10 shrink-0 items-center gap-1">
            <Breadcrumb path={listing.path} onMove={actions.move} />
            <SearchBox value={query} onChange={search} />
            <IconButton
              icon={FolderPlus}
              label={t('vault.newFolder.title')}
              disabled={!ready}
              onClick={() => setDialog('folder')}
            />
            <IconButton
              icon={FolderUp}
              label={t('vault.upload.folder')}
              disabled={!ready}
              onClick={() => picker.current?.folder()}
            />
          </div>
          <SelectionBar
            rows={selected}
            total={rows.count}
            disabled={!ready}
            onDownload={() => actions.download(selected)}
            onSave={() => setSaving(selected)}
            onMove={() => setDialog('move')}
            onShare={() => setDialog('share')}
            onBin={() => actions.bin(ids)}
            onDetails={() => selected[0] && setPeek(selected[0])}
          />
          {query !== '' && found.data && (
            <SearchLine shown={rows.count} total={found.data.total} index={found.data.index} />
          )}
          {listing.failure && rows.count === 0 ? (
            ready ? (
              <ErrorPanel error={listing.failure} onRetry={listing.retry} />
            ) : (
              // The notice above tries again; a second button beside it would be no other.
              <EmptyState title={t('vault.away.title')}>{t('vault.away.text')}</EmptyState>
            )
          ) : empty ? (
            <div className="grow overflow-y-auto">
              <EmptyHere searching={query} root={folder === 'root'} ready={ready} picker={picker} />
            </div>
          ) : (
            <FileList
              label={query === '' ? t('vault.listOf', { name }) : t('vault.search.results', { query })}
              rows={rows}
              takeFocus={follow}
              reveal={query === '' ? reveal : null}
              found={query !== ''}
              selection={selection}
              onSelection={setSelection}
              onOpen={open}
              {...(query === '' ? { sort, onSort: setSort } : {})}
              onUp={up}
              onDelete={() => ready && actions.bin(ids)}
              onRename={actions.rename}
              renaming={renaming}
              onRenaming={(id) => ready && setRenaming(id)}
              onPeek={() => selected[0] && setPeek(selected[0])}
              onPress={(row) => {
                pressed.current = null;
                if (row.kind !== 'file' || !ready) return;
                const ask = link.connection().client['vault.ticket']({ item: row.id, disposition: 'attachment' });
                ask.then(({ url }) => (pressed.current = { item: row.id, url })).catch(() => {});
              }}
              onDragStart={(event, row) => {
                const dragged = selection.ids.has(row.id) ? [...selection.ids] : [row.id];
                const ticket = pressed.current;
                const one = dragged.length === 1 && ticket?.item === row.id ? { item: row, url: ticket.url } : null;
                fillDrag(event.dataTransfer, dragged, one);
              }}
              onDropOn={(event, target) => {
                event.preventDefault();
                event.stopPropagation();
                if (carriesItems(event.dataTransfer)) actions.move(droppedItems(event.dataTransfer), target.id);
                else store.dropped(event.dataTransfer, target.id);
              }}
            />
          )}
          <UploadStrip />
        </div>
        <SidePanel
          rows={selected}
          onDownload={actions.download}
          onSave={setSaving}
          onLock={setLocking}
          onRename={(id) => setRenaming(id)}
          onHistory={setHistory}
          ready={ready}
        />
      </div>
      {dialog === 'folder' && <NewFolderDialog parent={folder} onClose={() => setDialog(null)} />}
      {dialog === 'move' && <MoveDialog items={ids} onClose={() => setDialog(null)} />}
      {dialog === 'share' && selected[0] && <ShareDialog item={selected[0]} onClose={() => setDialog(null)} />}
      {locking && <AgeDialog item={locking} onClose={() => setLocking(null)} />}
      {saving && <SaveDialog items={saving} onClose={() => setSaving(null)} />}
      {store.asking && <ClashDialog key={store.asking.clashing[0]?.path.join('/')} {...store.asking} />}
      {peek && (
        <PreviewDialog
          item={peek}
          onClose={() => setPeek(null)}
          onDownload={() => actions.download([peek])}
          onHistory={() => {
            setPeek(null);
            setHistory(peek);
          }}
        />
      )}
      {history && <HistoryDialog item={history} onClose={() => setHistory(null)} />}
    </DropZone>
  );
}

function EmptyHere(props: {
  searching: string;
  root: boolean;
  ready: boolean;
  picker: RefObject<FilePickerHandle | null>;
}) {
  const t = useT();
  if (props.searching !== '') {
    return (
      <EmptyState title={t('vault.search.nothing', { query: props.searching })}>{t('vault.search.hint')}</EmptyState>
    );
  }
  return (
    <EmptyState
      title={props.root ? t('vault.empty.title') : t('vault.empty.folder')}
      action={
        <>
          <Button icon={Upload} disabled={!props.ready} onClick={() => props.picker.current?.files()}>
            {t('vault.upload.files')}
          </Button>
          <Button icon={FolderUp} disabled={!props.ready} onClick={() => props.picker.current?.folder()}>
            {t('vault.upload.folder')}
          </Button>
        </>
      }
    >
      {t('vault.empty.text')}
    </EmptyState>
  );
}
