import { limits } from './limits.ts';
import { htmlText, type MarkupRules, markupText } from './markup.ts';
import { type ZipPart, zipParts } from './zip.ts';

/** One way of keeping a document in a ZIP file: which parts hold its words, and which elements of them. */
interface Shape {
  readonly parts: RegExp;
  readonly rules: MarkupRules | 'html';
}

const nothing = (): boolean => false;
/** Names of elements are as they are written in the file, with the prefix that all writers use. */
const shapes: readonly Shape[] = [
  {
    // WordprocessingML (ECMA-376 Part 1, 17): runs of text in paragraphs.
    parts: /^word\/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml$/,
    rules: {
      breakAt: (name) => (name === 'w:p' || name === 'w:br' ? '\n' : name === 'w:tab' ? '\t' : ''),
      skip: (name) => name === 'w:instrtext' || name === 'w:deltext',
      only: new Set(['w:t']),
    },
  },
  {
    // SpreadsheetML (18): texts of cells are shared or inline; numbers stay where they are.
    parts: /^xl\/(sharedStrings|worksheets\/[^/]+|comments\d*)\.xml$/,
    rules: {
      breakAt: (name) => (name === 'si' || name === 'row' ? '\n' : name === 'c' ? ' ' : ''),
      skip: (name) => name === 'rph' || name === 'f',
      only: new Set(['t']),
    },
  },
  {
    // PresentationML (19) with DrawingML text (21).
    parts: /^ppt\/(slides|notesSlides)\/[^/]+\.xml$/,
    rules: {
      breakAt: (name) => (name === 'a:p' || name === 'a:br' ? '\n' : ''),
      skip: nothing,
      only: new Set(['a:t']),
    },
  },
  {
    // OpenDocument (OASIS ODF 1.3, 5): text, spreadsheets and presentations alike.
    parts: /^content\.xml$/,
    rules: {
      breakAt: (name) =>
        name === 'text:p' || name === 'text:h' ? '\n' : /^text:(s|tab|line-break)$/.test(name) ? ' ' : '',
      skip: (name) => name === 'text:tracked-changes' || name === 'office:scripts',
      only: new Set(['text:p', 'text:h']),
    },
  },
  { parts: /\.x?html?$/i, rules: 'html' },
];

/** The words of a document that is a ZIP file: docx, xlsx, pptx, odt, ods, odp, epub. @returns null when it is none */
export function officeText(bytes: Uint8Array): string | null {
  const parts = zipParts(bytes);
  if (!parts) return null;
  const kind = parts.some(({ name }) => name === '[Content_Types].xml' || name === 'mimetype');
  if (!kind) return null;
  const shape = shapes.find((one) => parts.some(({ name }) => one.parts.test(name)));
  if (!shape) return null;
  const texts: string[] = [];
  let room: number = limits.textUnits;
  for (const part of ordered(parts.filter(({ name }) => shape.parts.test(name)))) {
    if (room <= 0) break;
    const plain = part.read(limits.unpackedBytes);
    if (!plain) continue;
    const source = new TextDecoder('utf-8').decode(plain);
    const text = shape.rules === 'html' ? htmlText(source) : markupText(source, shape.rules);
    texts.push(text.slice(0, room));
    room -= text.length;
  }
  return texts.join('\n');
}

/** Slide 10 comes after slide 9. */
const ordered = (parts: readonly ZipPart[]): ZipPart[] =>
  parts.toSorted((a, b) => (padded(a.name) < padded(b.name) ? -1 : 1));
const padded = (name: string): string => name.replaceAll(/\d+/g, (digits) => digits.padStart(8, '0'));
