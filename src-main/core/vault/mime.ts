/** Types that the interface can preview, by ending; anything else is octets. Only a hint, never trusted. */
const byEnding: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  log: 'text/plain',
  html: 'text/html',
  css: 'text/css',
  js: 'text/javascript',
  ts: 'text/plain',
  json: 'application/json',
  xml: 'text/xml',
  yaml: 'text/plain',
  yml: 'text/plain',
  toml: 'text/plain',
  py: 'text/plain',
  rs: 'text/plain',
  c: 'text/plain',
  h: 'text/plain',
  sh: 'text/plain',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  svg: 'image/svg+xml',
  bmp: 'image/bmp',
  ico: 'image/x-icon',
  pdf: 'application/pdf',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  flac: 'audio/flac',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  webm: 'video/webm',
  mov: 'video/quicktime',
  mkv: 'video/x-matroska',
  zip: 'application/zip',
  gz: 'application/gzip',
  tar: 'application/x-tar',
  '7z': 'application/x-7z-compressed',
};

/** First bytes as [offset, Latin-1 text], and what they mean. */
const byMagic: readonly (readonly [number, string, string])[] = [
  [0, '\x89PNG\r\n', 'image/png'],
  [0, '\xff\xd8\xff', 'image/jpeg'],
  [0, 'GIF8', 'image/gif'],
  [8, 'WEBP', 'image/webp'],
  [4, 'ftypavif', 'image/avif'],
  [0, '%PDF-', 'application/pdf'],
  [0, 'ID3', 'audio/mpeg'],
  [0, 'fLaC', 'audio/flac'],
  [0, 'OggS', 'audio/ogg'],
  [8, 'WAVE', 'audio/wav'],
  [4, 'ftyp', 'video/mp4'],
  [0, '\x1aE\xdf\xa3', 'video/webm'],
  [0, 'PK\x03\x04', 'application/zip'],
  [0, '\x1f\x8b', 'application/gzip'],
];

/** A MIME type from the first bytes, else from the name's ending. */
export function guessMime(name: string, head: Uint8Array): string {
  const ending = /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1]?.toLowerCase();
  const named = ending === undefined ? undefined : byEnding[ending];
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  for (const [at, magic, type] of byMagic) {
    if (!text.startsWith(magic, at)) continue;
    // Containers hold more kinds than their first bytes tell (m4a in ftyp, docx in zip): a known ending is finer.
    const container =
      type === 'video/mp4' || type === 'video/webm' || type === 'application/zip' || type === 'audio/ogg';
    return container && named ? named : type;
  }
  return named ?? 'application/octet-stream';
}
