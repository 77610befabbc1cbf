import type { UploadSource } from './job.ts';

/** What was dropped or chosen: files, folders with nothing in them, and what could not be read. */
export interface Gathered {
  readonly files: UploadSource[];
  /** Paths of empty folders, which no file's path would make. */
  readonly emptyFolders: string[][];
  readonly unreadable: { path: string; message: string }[];
}

const nothing = (): Gathered => ({ files: [], emptyFolders: [], unreadable: [] });
const source = (path: readonly string[], file: File): UploadSource => ({
  path,
  modified: file.lastModified,
  bytes: file,
});

/** Files of an `<input type=file>`; with `webkitdirectory` their paths below the chosen folder come along. */
export function gatherInput(list: Iterable<File>): Gathered {
  const found = nothing();
  for (const file of list) {
    const path = file.webkitRelativePath ? file.webkitRelativePath.split('/') : [file.name];
    found.files.push(source(path, file));
  }
  return found;
}

/** What a drop carries: entries to walk, and files that have none (pasted or made by a page). */
export interface Dropped {
  readonly entries: readonly FileSystemEntry[];
  readonly files: readonly File[];
}

/**
 * The content of a drop. It must be taken while the drop event is handled: the list is empty afterwards (HTML
 * standard, drag data store mode). Walking it can come later.
 */
export function takeDropped(transfer: DataTransfer): Dropped {
  const entries: FileSystemEntry[] = [];
  const files: File[] = [];
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    const file = entry === null ? item.getAsFile() : null;
    if (entry) entries.push(entry);
    else if (file) files.push(file);
  }
  return { entries, files };
}

/**
 * Walk dropped folders. Only names, sizes and dates are read. One folder at a time, so a tree of any depth needs
 * no more than its list of names in memory.
 */
export async function gatherDropped({ entries, files }: Dropped): Promise<Gathered> {
  const found = gatherInput(files);
  const stack = entries.map((entry) => ({ entry, path: [entry.name] })).reverse();
  for (;;) {
    const next = stack.pop();
    if (next === undefined) return found;
    const { entry, path } = next;
    try {
      if (isFile(entry)) {
        found.files.push(source(path, await fileOf(entry)));
      } else if (isDirectory(entry)) {
        const children = await childrenOf(entry);
        if (children.length === 0) found.emptyFolders.push(path);
        for (const child of children.reverse()) stack.push({ entry: child, path: [...path, child.name] });
      }
    } catch (error) {
      found.unreadable.push({ path: path.join('/'), message: error instanceof Error ? error.message : String(error) });
    }
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** `readEntries` gives at most a hundred at a time in Chromium and must be asked until it gives none. */
async function childrenOf(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = directory.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}
