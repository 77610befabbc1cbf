import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeDocx, makeZip } from '../testing/make-zip.ts';
import { decodeText, looksLikeText } from './charset.ts';
import { extractText } from './extract.ts';
import { limits } from './limits.ts';
import { decodeEntities, htmlText } from './markup.ts';
import { officeText } from './office.ts';
import { planFor } from './plan.ts';
import { rtfText } from './rtf.ts';
import { zipParts } from './zip.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const words = (text: string | null) => text?.split(/\s+/).filter(Boolean).join(' ') ?? null;

describe('text', () => {
  it('is read in the character sets that files come in', () => {
    const text = 'Grüße aus Łódź, 東京';
    expect(decodeText(bytes(text))).toBe(text);
    expect(decodeText(bytes(`\ufeff${text}`))).toBe(text);
    const wide = Buffer.from(`\ufeff${text}`, 'utf16le');
    expect(decodeText(wide)).toBe(text);
    expect(decodeText(Buffer.from(wide).swap16())).toBe(text);
    expect(decodeText(Buffer.from('plain words, no mark', 'utf16le'))).toBe('plain words, no mark');
    expect(decodeText(Buffer.from('Grüße', 'latin1'))).toBe('Grüße');
    // Cut off within a character: still the same set.
    expect(decodeText(bytes('Grüße über 東').subarray(0, -1))).toBe('Grüße über ');
  });

  it('is not made of what is none', () => {
    expect(decodeText(new Uint8Array(1000))).toBeNull();
    expect(decodeText(Uint8Array.from({ length: 4096 }, (_, i) => (i * 31 + (i >> 3)) & 255))).toBeNull();
    expect(looksLikeText(new Uint8Array(0))).toBe(false);
  });
});

describe('markup', () => {
  it('gives what a reader sees', () => {
    const page = `<!doctype html><html><head><title>Fee &amp; fi</title><style>p { color: red }</style></head>
      <body><!-- hidden --><p class="a > b">One<b>two</b></p><script>if (a < b) alert("x</p>")</script>
      <ul><li>caf&eacute;<li>&#x41;&#66;</ul> 1 < 2 <![CDATA[raw <b>]]></body>`;
    expect(words(htmlText(page))).toBe('Fee & fi Onetwo café AB 1 < 2 raw <b>');
    expect(decodeEntities('&constructor; &#0; &#xD800; &amp;lt;')).toBe('&constructor;     &lt;');
  });

  it('takes any text in linear time', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string({ unit: 'binary', maxLength: 5 }),
            fc.constantFrom('<', '>', '"', "'", '</', '<!--', '<script>', '&#', '<![CDATA[', 'a='),
          ),
          {
            maxLength: 200,
          },
        ),
        (pieces) => void htmlText(pieces.join('')),
      ),
      { numRuns: 500 },
    );
    // Each of these makes a careless reader quadratic; together they would take minutes.
    for (const piece of [
      '<',
      '<a ',
      '<a "',
      "<a '>",
      '</',
      '<!--',
      '<script>',
      '</script',
      '<a b="',
      '&',
      '<![CDATA[',
      '<a "\'>',
    ])
      htmlText(piece.repeat(300_000 / piece.length));
  });
});

describe('RTF', () => {
  it('gives its words', () => {
    const source = String.raw`{\rtf1\ansi{\fonttbl{\f0 Secret Font;}}{\*\generator Word;}\f0 Caf\'e9 \b bold\b0\par Gr\u252?n \{braces\}}`;
    expect(words(rtfText(source))).toBe('Café bold Grün {braces}');
    expect(rtfText('no rtf')).toBeNull();
  });
  it('takes any text', () => {
    const piece = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('{', '}', '\\', '\\u-1', "\\'", '\\*'));
    fc.assert(fc.property(fc.array(piece), (pieces) => void rtfText(`{\\rtf${pieces.join('')}`)));
    rtfText(`{\\rtf${'{'.repeat(500_000)}`);
  });
});

describe('documents of office programs', () => {
  it('give their words', () => {
    expect(words(officeText(makeDocx('One &amp; two', 'three')))).toBe('One & two three');
    const sheet = makeZip({
      '[Content_Types].xml': '',
      'xl/sharedStrings.xml': '<sst><si><t>Rent</t></si><si><r><t>Heat</t></r><r><t>ing</t></r></si></sst>',
      'xl/worksheets/sheet1.xml': '<row><c t="inlineStr"><is><t>Inline</t></is></c><c><f>SUM(A1)</f><v>3</v></c></row>',
    });
    expect(words(officeText(sheet))).toBe('Rent Heating Inline');
    const slides = makeZip({
      '[Content_Types].xml': '',
      'ppt/slides/slide10.xml': '<a:p><a:r><a:t>last</a:t></a:r></a:p>',
      'ppt/slides/slide9.xml': '<a:p><a:r><a:t>first</a:t></a:r></a:p>',
    });
    expect(words(officeText(slides))).toBe('first last');
    const odt = makeZip({
      mimetype: 'application/vnd.oasis.opendocument.text',
      'content.xml':
        '<office:text><text:h>Head</text:h><text:p>one<text:s/>two <text:span>three</text:span></text:p></office:text>',
    });
    expect(words(officeText(odt))).toBe('Head one two three');
    expect(officeText(makeZip({ 'some/file.txt': 'a zip, not a document' }))).toBeNull();
    expect(extractText('office', bytes('PK no zip'))).toBeNull();
  });

  it('cannot be made to fill the memory', () => {
    const bomb = makeDocx('x'.repeat(80 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(1024 * 1024);
    expect(officeText(bomb)?.length ?? 0).toBeLessThanOrEqual(limits.textUnits);
    const many = makeZip({
      '[Content_Types].xml': '',
      ...Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`ppt/slides/slide${i}.xml`, '<a:t>x</a:t>'])),
    });
    expect(zipParts(many)?.length).toBe(limits.parts);
  });

  it('take any bytes', () => {
    const good = makeDocx('one', 'two');
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }),
        (noise, changes) => {
          const changed = Uint8Array.from(good);
          for (const [at, byte] of changes) changed[at] = byte;
          for (const input of [
            noise,
            changed,
            changed.subarray(changes[0]?.[0] ?? 0),
            good.slice(0, changes[0]?.[0] ?? 0),
          ]) {
            for (const kind of ['office', 'text', 'html', 'rtf', 'look'] as const) {
              const text = extractText(kind, input);
              expect(text === null || text.isWellFormed()).toBe(true);
            }
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

it('files are read by their type, and not at all where there is nothing to read', () => {
  expect(planFor('a.jpg', 'image/jpeg', 10)).toEqual({ kind: 'none' });
  expect(planFor('a.txt', 'text/plain', 0)).toEqual({ kind: 'none' });
  expect(planFor('a.txt', 'application/octet-stream', 10)).toEqual({ kind: 'text', bytes: 10 });
  expect(planFor('a.log', 'text/plain', 2 ** 40)).toEqual({ kind: 'text', bytes: limits.textBytes });
  expect(planFor('a.docx', 'application/zip', 2 ** 30)).toEqual({ kind: 'too-large' });
  expect(planFor('LICENSE', 'application/octet-stream', 10)).toEqual({ kind: 'look', bytes: 10 });
});
