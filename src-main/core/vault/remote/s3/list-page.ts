/** One page of `ListObjectsV2`. */
export interface ListPage {
  readonly objects: readonly { readonly key: string; readonly modified: number }[];
  /** What lies a level deeper, each with the slash at its end. */
  readonly prefixes: readonly string[];
  /** Ask with this for the next page; null at the end. */
  readonly next: string | null;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const plain = (text: string): string =>
  text.replaceAll(/&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([a-z]{2,4}));/g, (whole, hex, decimal, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    const point = hex === undefined ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });

/** Levels that a page has. */
const deepest = 8;

/**
 * Read a page of a listing (AWS, "ListObjectsV2"). Runs once over the text, whatever it is: the small XML readers, S3 clients' own
 * among them, take quadratic time over hostile text.
 *
 * @returns null for anything that is no such page
 */
export function readListPage(xml: string): ListPage | null {
  const objects: { key: string; modified: number }[] = [];
  const prefixes: string[] = [];
  let truncated = false;
  let token: string | null = null;
  let urlEncoded = false;
  let key: string | null = null;
  let modified = 0;
  let whole = false;

  const leave = (path: string, text: string): boolean => {
    switch (path) {
      case 'ListBucketResult':
        whole = true;
        break;
      case 'ListBucketResult/Contents/Key':
        key = text;
        break;
      case 'ListBucketResult/Contents/LastModified':
        modified = Date.parse(text) || 0;
        break;
      case 'ListBucketResult/Contents':
        if (key === null) return false;
        objects.push({ key, modified });
        key = null;
        modified = 0;
        break;
      case 'ListBucketResult/CommonPrefixes/Prefix':
        prefixes.push(text);
        break;
      case 'ListBucketResult/IsTruncated':
        truncated = text.trim() === 'true';
        break;
      case 'ListBucketResult/NextContinuationToken':
        token = text;
        break;
      case 'ListBucketResult/EncodingType':
        urlEncoded = text.trim() === 'url';
        break;
    }
    return true;
  };

  const stack: string[] = [];
  let textFrom = 0;
  for (let at = xml.indexOf('<'); at >= 0; at = xml.indexOf('<', at)) {
    const end = xml.indexOf('>', at);
    if (end < 0 || whole) return null;
    const inside = xml.slice(at + 1, end);
    if (inside.startsWith('?') || inside.startsWith('!')) {
      // A declaration; no comments, types or raw text are in such pages.
      if (inside.startsWith('!')) return null;
    } else if (inside.startsWith('/')) {
      const path = stack.join('/');
      if (stack.pop() !== inside.slice(1).trim()) return null;
      if (!leave(path, plain(xml.slice(textFrom, at)))) return null;
    } else {
      const name = /^[A-Za-z][A-Za-z0-9_.:-]{0,63}/.exec(inside)?.[0];
      if (name === undefined || stack.length >= deepest) return null;
      stack.push(name);
      if (inside.endsWith('/')) {
        if (!leave(stack.join('/'), '')) return null;
        stack.pop();
      }
    }
    at = end + 1;
    textFrom = at;
  }
  if (!whole || (truncated && !token)) return null;
  const decoded = (text: string): string => (urlEncoded ? decodeURIComponent(text.replaceAll('+', ' ')) : text);
  try {
    return {
      objects: objects.map((one) => ({ ...one, key: decoded(one.key) })),
      prefixes: prefixes.map(decoded),
      next: truncated ? token : null,
    };
  } catch {
    return null;
  }
}
