/** Groups of an RTF file (specification 1.9.1) that hold no words of its text. */
const unread =
  /^(fonttbl|colortbl|stylesheet|info|pict|object|themedata|datastore|latentstyles|generator|listtable|listoverridetable|rsidtbl|xmlnstbl|fldinst|bkmkstart|bkmkend)$/;

const latin = new TextDecoder('windows-1252');

/** The words of an RTF file; groups nest as deep as they like. @returns null for what is none */
export function rtfText(source: string): string | null {
  if (!source.startsWith('{\\rtf')) return null;
  const out: string[] = [];
  /** By open group: whether its text is left out. */
  const groups: boolean[] = [];
  let hidden = false;
  /** Characters that stand in for one that was just given as Unicode. */
  let skip = 0;
  const token = /\\([a-zA-Z]+)(-?\d+)? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n]+|[^\\{}\r\n]+/g;
  for (const [all, word, number, hex, sign, brace] of source.matchAll(token)) {
    if (brace === '{') groups.push(hidden);
    else if (brace === '}') hidden = groups.pop() ?? false;
    else if (sign === '*') hidden = true;
    else if (word !== undefined) {
      if (unread.test(word)) hidden = true;
      if (hidden) continue;
      if (word === 'par' || word === 'line' || word === 'row') out.push('\n');
      else if (word === 'tab' || word === 'cell') out.push('\t');
      else if (word === 'u' && number !== undefined) {
        const code = Number(number);
        out.push(String.fromCharCode(code < 0 ? code + 65_536 : code));
        skip = 1;
      }
    } else if (hidden) {
      // Nothing of it is taken.
    } else if (hex !== undefined) {
      if (skip > 0) skip--;
      else out.push(latin.decode(Uint8Array.of(Number.parseInt(hex, 16))));
    } else if (sign !== undefined) {
      if (sign === '~') out.push(' ');
      else if ('\\{}'.includes(sign)) out.push(sign);
    } else if (!/^[\r\n]/.test(all)) {
      out.push(skip > 0 ? all.slice(skip) : all);
      skip = 0;
    }
  }
  return out.join('');
}
