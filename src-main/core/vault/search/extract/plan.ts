import { guessMime } from '../../mime.ts';
import { limits } from './limits.ts';

/** How the words of a file are got at. */
export type Plan =
  /** Nothing in it to read. */
  | { readonly kind: 'none' }
  /** So many bytes from its beginning, as text of this sort. */
  | { readonly kind: 'text' | 'html' | 'rtf'; readonly bytes: number }
  /** All of it: a ZIP file of parts. */
  | { readonly kind: 'office'; readonly bytes: number }
  /** Its first bytes will tell. */
  | { readonly kind: 'look'; readonly bytes: number }
  | { readonly kind: 'too-large' };

const office = /\.(docx|docm|dotx|xlsx|xlsm|pptx|pptm|ppsx|odt|ott|ods|odp|fodt|epub)$/i;
const html = /\.(html?|xhtml|mhtml?)$/i;
/** Kept as something else than text, or nothing anybody wrote: never worth a read. */
const noText =
  /\.(jpe?g|png|gif|webp|avif|heic|tiff?|bmp|ico|psd|raw|mp[34]|m4[av]|aac|flac|wav|og[gav]|opus|mkv|webm|mov|avi|wmv|zip|gz|tgz|bz2|xz|zst|7z|rar|tar|iso|img|qcow2|vdi|vmdk|exe|dll|so|dylib|bin|dat|db|sqlite3?|class|jar|wasm|o|a|pyc|woff2?|ttf|otf|pdf|doc|xls|ppt|age|gpg|pgp|kdbx|p12|pfx)$/i;

const nothing = new Uint8Array(0);

/** `guessed`: the type as it was told when the file was stored; a name it was given since may tell more. */
export function planFor(name: string, guessed: string, size: number): Plan {
  const mime = guessed === 'application/octet-stream' ? guessMime(name, nothing) : guessed;
  if (size === 0) return { kind: 'none' };
  if (office.test(name) && !/\.fodt$/i.test(name))
    return size > limits.documentBytes ? { kind: 'too-large' } : { kind: 'office', bytes: size };
  const bytes = Math.min(size, limits.textBytes);
  if (/\.rtf$/i.test(name)) return { kind: 'rtf', bytes };
  if (html.test(name) || mime === 'text/html' || mime === 'application/xhtml+xml' || /\.(svg|xml|fodt)$/i.test(name))
    return { kind: 'html', bytes };
  if (mime.startsWith('text/') || mime === 'application/json') return { kind: 'text', bytes };
  if (/^(image|audio|video|font)\//.test(mime) || noText.test(name)) return { kind: 'none' };
  return { kind: 'look', bytes };
}
