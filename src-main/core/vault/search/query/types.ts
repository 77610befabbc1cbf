/** Kinds of files by the words people use, and what tells them: MIME types and endings. */
const kinds: Readonly<Record<string, { readonly mime?: RegExp; readonly endings?: string }>> = {
  image: { mime: /^image\// },
  video: { mime: /^video\// },
  audio: { mime: /^audio\// },
  text: { mime: /^text\// },
  pdf: { mime: /^application\/pdf$/ },
  document: { endings: 'pdf doc docx docm odt ott rtf txt md epub pages tex' },
  spreadsheet: { endings: 'xls xlsx xlsm ods csv tsv numbers' },
  presentation: { endings: 'ppt pptx pptm ppsx odp key' },
  archive: { endings: 'zip gz tgz bz2 xz zst 7z rar tar' },
  code: {
    endings:
      'js mjs cjs ts tsx jsx py rs go c h cc cpp hpp cs java kt swift rb php sh bash sql lua r scala hs ml css scss html xml json yaml yml toml',
  },
};
const others: Readonly<Record<string, string>> = {
  images: 'image',
  photo: 'image',
  photos: 'image',
  picture: 'image',
  pictures: 'image',
  videos: 'video',
  film: 'video',
  movie: 'video',
  music: 'audio',
  sound: 'audio',
  documents: 'document',
  doc: 'document',
  spreadsheets: 'spreadsheet',
  table: 'spreadsheet',
  slides: 'presentation',
  presentations: 'presentation',
  archives: 'archive',
  files: 'file',
  folders: 'folder',
};

/** Whether a file or folder is of a type: a kind (`image`), an ending (`docx`) or a MIME type (`image/png`). */
export function isOfType(type: string, item: { kind: 'file' | 'folder'; name: string; mime: string }): boolean {
  const kind = (Object.hasOwn(others, type) ? others[type] : undefined) ?? type;
  if (kind === 'folder' || kind === 'file') return item.kind === kind;
  if (item.kind === 'folder') return false;
  const ending = /\.([^.]+)$/.exec(item.name)?.[1]?.toLowerCase() ?? '';
  if (ending === type) return true;
  if (type.includes('/')) return item.mime === type;
  const rule = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  return (rule?.mime?.test(item.mime) ?? false) || (rule?.endings?.split(' ').includes(ending) ?? false);
}
