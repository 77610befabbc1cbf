import sax from 'sax';

/*
 * The XML of WebDAV: parsed by sax (strict, with namespaces), written here. Element names are pairs of namespace and local
 * name throughout; prefixes are the sender's own affair (RFC 4918, 4.2).
 */

export const dav = 'DAV:';

export interface XmlAttribute {
  readonly ns: string;
  readonly name: string;
  readonly value: string;
}
export interface XmlElement {
  readonly ns: string;
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly (XmlElement | string)[];
  /** xml:lang in force here, its own or inherited; null for none. */
  readonly lang: string | null;
}

/** Deeper, or of more elements, is no request that a client makes. */
const mostDepth = 64;
const mostElements = 4096;
const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';
const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/';

/** What XML 1.0 (2.2) cannot hold, not even as a reference. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones
const illegal = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

interface Open extends XmlElement {
  readonly children: (XmlElement | string)[];
}

/**
 * The root of a document; null for anything that is not well-formed with namespaces, that declares a document type (and so
 * entities: nothing here needs them, and expanding them is how a small body becomes a large one), or that is too large.
 */
export function parseXml(text: string): XmlElement | null {
  if (illegal.test(text) || !text.isWellFormed()) return null;
  const parser = sax.parser(true, { xmlns: true, position: false });
  const stack: Open[] = [];
  let root: XmlElement | null = null;
  let elements = 0;
  let wrong = false;
  const refuse = (): void => {
    wrong = true;
  };
  // sax goes on after an error that is not thrown; what comes then does not count.
  parser.onerror = refuse;
  parser.ondoctype = refuse;
  parser.onsgmldeclaration = refuse;
  parser.onopentag = (tag) => {
    if (wrong || ++elements > mostElements || stack.length >= mostDepth || root) return refuse();
    const attributes: XmlAttribute[] = [];
    let lang = stack.at(-1)?.lang ?? null;
    for (const { prefix, local, uri, value } of Object.values(tag.attributes)) {
      if (prefix === 'xmlns' || (prefix === '' && local === 'xmlns') || uri === xmlnsNamespace) {
        // A prefix cannot be unbound (Namespaces in XML 1.0, section 2).
        if (prefix === 'xmlns' && local !== '' && value === '') return refuse();
        continue;
      }
      if (prefix !== '' && uri === '') return refuse();
      if (uri === xmlNamespace && local === 'lang') lang = value;
      else attributes.push({ ns: prefix === '' ? '' : uri, name: local, value });
    }
    if (tag.local === '' || (tag.prefix !== '' && tag.uri === '')) return refuse();
    const element: Open = { ns: tag.uri, name: tag.local, attributes, children: [], lang };
    stack.at(-1)?.children.push(element);
    stack.push(element);
  };
  parser.onclosetag = () => {
    const closed = stack.pop();
    if (closed && stack.length === 0 && !wrong) root = closed;
  };
  const onText = (piece: string): void => {
    const into = stack.at(-1)?.children;
    if (!into) return;
    if (typeof into.at(-1) === 'string') into.push(`${into.pop()}${piece}`);
    else into.push(piece);
  };
  parser.ontext = onText;
  parser.oncdata = onText;
  try {
    // In pieces, so that what is refused early is not read to its end.
    for (let at = 0; at < text.length && !wrong; at += 4096) parser.write(text.slice(at, at + 4096));
    if (!wrong) parser.close();
  } catch {
    return null;
  }
  return wrong || stack.length > 0 ? null : root;
}

export const isElement = (child: XmlElement | string): child is XmlElement => typeof child !== 'string';
export const elementsOf = (element: XmlElement): XmlElement[] => element.children.filter(isElement);
export const child = (element: XmlElement, name: string, ns = dav): XmlElement | undefined =>
  elementsOf(element).find((one) => one.name === name && one.ns === ns);
export const textOf = (element: XmlElement): string => element.children.filter((c) => !isElement(c)).join('');

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Text content. Characters that XML cannot hold become U+FFFD: a name of the vault may have any. */
export function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(new RegExp(illegal, 'g'), '\ufffd')
    .replace(/[&<>\r]/g, (c) => references[c] ?? c);
}

const escapeAttribute = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(new RegExp(illegal, 'g'), '\ufffd')
    .replace(/[&<>"\t\n\r]/g, (c) => references[c] ?? c);

/**
 * An element by itself: every namespace that it needs is declared in it, so that it stands anywhere in a document. The
 * language in force becomes its own.
 */
export function writeXml(element: XmlElement): string {
  return write(element, null, null);
}

function write(element: XmlElement, outer: string | null, lang: string | null): string {
  const { ns, name } = element;
  let head = `<${name}`;
  if (ns !== outer) head += ` xmlns="${escapeAttribute(ns)}"`;
  if (element.lang !== null && element.lang !== lang) head += ` xml:lang="${escapeAttribute(element.lang)}"`;
  element.attributes.forEach((attribute, i) => {
    if (attribute.ns === '') head += ` ${attribute.name}="${escapeAttribute(attribute.value)}"`;
    else if (attribute.ns === xmlNamespace) head += ` xml:${attribute.name}="${escapeAttribute(attribute.value)}"`;
    else {
      head += ` xmlns:n${i}="${escapeAttribute(attribute.ns)}" n${i}:${attribute.name}="${escapeAttribute(attribute.value)}"`;
    }
  });
  if (element.children.length === 0) return `${head}/>`;
  const inner = element.children.map((one) => (isElement(one) ? write(one, ns, element.lang) : escapeText(one)));
  return `${head}>${inner.join('')}</${name}>`;
}
