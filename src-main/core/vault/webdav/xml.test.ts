import fc from 'fast-check';
import { expect, it } from 'vitest';
import { child, escapeText, parseXml, textOf, writeXml, type XmlElement } from './xml.ts';

const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_.-]{0,8}$/).filter((s) => !/^xml/i.test(s));
const namespace = fc.constantFrom('', 'DAV:', 'urn:a', 'http://example.org/?a=1&b="2"');
const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.constantFrom('\t', '\r\n', ']]>', '<a&b>', '"', '\u{1F344}', ' '),
);
const element: fc.Memo<XmlElement> = fc.memo((depth) =>
  fc.record({
    ns: namespace,
    name,
    attributes: fc.uniqueArray(fc.record({ ns: fc.constantFrom('', 'urn:b'), name, value: text }), {
      maxLength: 3,
      selector: (a) => a.name,
    }),
    children: fc.array(depth > 1 ? fc.oneof(text, element(depth - 1)) : text, { maxLength: 3 }).map((all) =>
      all.reduce<(XmlElement | string)[]>((out, one) => {
        // Text beside text is one text.
        if (typeof one === 'string' && typeof out.at(-1) === 'string') out.push(`${out.pop()}${one}`);
        else out.push(one);
        return out;
      }, []),
    ),
    lang: fc.constant(null),
  }),
);

it('reads back what it writes', () => {
  fc.assert(
    fc.property(element(4), (tree) => {
      const read = parseXml(writeXml(tree));
      expect(read).toEqual(tree);
      // And in the middle of another document, whatever is declared there.
      const inside = parseXml(`<x xmlns="urn:outer" xmlns:n0="urn:else">${writeXml(tree)}</x>`);
      expect(inside?.children).toEqual([tree]);
    }),
  );
});

it('keeps the language that a property was given, also when it was inherited', () => {
  const root = parseXml('<D:set xmlns:D="DAV:" xml:lang="de"><D:prop><a xmlns="urn:a">b</a></D:prop></D:set>');
  const prop = root && child(root, 'prop');
  const a = prop && child(prop, 'a', 'urn:a');
  expect(a && writeXml(a)).toBe('<a xmlns="urn:a" xml:lang="de">b</a>');
});

it('takes any text for a tree or null', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('<a>', '</a>', '<!--', '-->', '<![CDATA[', ']]>', '&amp;', 'xmlns:b="c"'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const tree = parseXml(pieces.join(''));
      if (tree) expect(parseXml(writeXml(tree))).not.toBeNull();
    }),
    { numRuns: 500 },
  );
});

it.each([
  ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
  ['a document type without entities', '<!DOCTYPE a><a/>'],
  ['an outside entity', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
  ['an entity that nobody declared', '<a>&b;</a>'],
  ['a prefix that nobody declared', '<b:a/>'],
  ['a prefix that is unbound', '<a xmlns:b=""/>'],
  ['an attribute of such a prefix', '<a b:c="d"/>'],
  ['an end that does not fit', '<a><b></a></b>'],
  ['no end', '<a>'],
  ['two roots', '<a/><b/>'],
  ['text around it', 'a<b/>'],
  ['control characters', '<a>\x01</a>'],
  ['half a character', '<a>\ud800</a>'],
  ['nothing', ''],
  ['too deep', `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`],
  ['too many', `<a>${'<b/>'.repeat(5000)}</a>`],
])('refuses %s', (_, document) => expect(parseXml(document)).toBeNull());

it('does not take long to refuse a bomb', () => {
  const lol = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
  expect(parseXml(`<!DOCTYPE a [<!ENTITY l0 "lol">${lol}]><a>&l9;</a>`)).toBeNull();
});

it('writes names of the vault that XML cannot hold', () => {
  expect(escapeText('a\x01<b>&\ud800')).toBe('a\ufffd&lt;b&gt;&amp;\ufffd');
  expect(textOf(parseXml(`<a>${escapeText('x\r\ny')}</a>`) as XmlElement)).toBe('x\r\ny');
});
