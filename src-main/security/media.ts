import { mediaPolicy, pdfPolicy } from './csp.ts';

/** What a ticket stands for, as `vault.redeem` tells it. */
export interface MediaFile {
  readonly name: string;
  readonly mime: string;
  readonly size: number;
  readonly disposition: 'inline' | 'attachment';
}

/** Types that are shown in place. Everything else is saved: what could run scripts is never opened on our origin. */
const inline =
  /^(image\/(png|jpeg|gif|webp|avif|bmp|svg\+xml|x-icon)|audio\/[\w.+-]+|video\/[\w.+-]+|application\/pdf)$/;
const text = /^(text\/[\w.+-]+|application\/(json|xml|javascript|toml|yaml|x-sh))$/;

export interface MediaAnswer {
  readonly status: 200 | 206 | 416;
  readonly headers: Record<string, string>;
  /** Which bytes to send; null for none. */
  readonly range: { offset: number; length: number } | null;
}

/** How a file of the vault is answered over HTTP: type, policy and range (RFC 9110 section 14, one range only). */
export function answerMedia(file: MediaFile, rangeHeader: string | undefined): MediaAnswer {
  const showText = text.test(file.mime);
  const shown = file.disposition === 'inline' && (showText || inline.test(file.mime));
  const headers: Record<string, string> = {
    'Content-Type': !shown ? 'application/octet-stream' : showText ? 'text/plain; charset=utf-8' : file.mime,
    'Content-Disposition': `${shown ? 'inline' : 'attachment'}; ${fileNameParameters(file.name)}`,
    'Content-Security-Policy': shown && file.mime === 'application/pdf' ? pdfPolicy : mediaPolicy,
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-store',
  };
  const range = parseRange(rangeHeader, file.size);
  if (range === 'unsatisfiable') {
    return {
      status: 416,
      headers: { ...headers, 'Content-Range': `bytes */${file.size}`, 'Content-Length': '0' },
      range: null,
    };
  }
  if (range === null) {
    const all = { offset: 0, length: file.size };
    return { status: 200, headers: { ...headers, 'Content-Length': String(file.size) }, range: all };
  }
  const last = range.offset + range.length - 1;
  headers['Content-Range'] = `bytes ${range.offset}-${last}/${file.size}`;
  headers['Content-Length'] = String(range.length);
  return { status: 206, headers, range };
}

/** One byte range; null where the header is absent, malformed or asks for several, which RFC 9110 lets a server ignore. */
export function parseRange(
  header: string | undefined,
  size: number,
): { offset: number; length: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (!match) return null;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return null;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { offset: size - length, length };
  }
  const offset = Number(first);
  if (last !== '' && Number(last) < offset) return null;
  if (offset >= size) return 'unsatisfiable';
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return { offset, length: end - offset + 1 };
}

/** `filename` for old programs and `filename*` (RFC 6266, RFC 8187) for the real name. */
export function fileNameParameters(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%/]/g, '_').slice(0, 200) || 'file';
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `filename="${plain}"; filename*=UTF-8''${encoded}`;
}
