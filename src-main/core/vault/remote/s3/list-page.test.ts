import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readListPage } from './list-page.ts';

const page = (inside: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="x">${inside}</ListBucketResult>`;
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

it('reads what AWS gives as an example', () => {
  const text = page(
    '<Name>quotes</Name><Prefix>E</Prefix><StartAfter>ExampleGuide.pdf</StartAfter><KeyCount>1</KeyCount><MaxKeys>3</MaxKeys>' +
      '<IsTruncated>true</IsTruncated><NextContinuationToken>1w41l63U0xa8q7smH50vCxyTQqdxo69O3EmK28Bi5PcROI4wI/EyIJg==</NextContinuationToken>' +
      '<Contents><Key>ExampleObject.txt</Key><LastModified>2013-09-17T18:07:53.000Z</LastModified><ETag>"599bab3ed2c697f1d26842727561fd94"</ETag>' +
      '<Size>857</Size><StorageClass>REDUCED_REDUNDANCY</StorageClass></Contents><CommonPrefixes><Prefix>photos/</Prefix></CommonPrefixes>',
  );
  expect(readListPage(text)).toEqual({
    objects: [{ key: 'ExampleObject.txt', modified: Date.UTC(2013, 8, 17, 18, 7, 53) }],
    prefixes: ['photos/'],
    next: '1w41l63U0xa8q7smH50vCxyTQqdxo69O3EmK28Bi5PcROI4wI/EyIJg==',
  });
  expect(
    readListPage(page('<Prefix/><Contents><Key>a+b%20c</Key></Contents><EncodingType>url</EncodingType>')),
  ).toEqual({
    objects: [{ key: 'a b c', modified: 0 }],
    prefixes: [],
    next: null,
  });
});

it('reads any names, plain and %-encoded', () => {
  const name = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(fc.array(name), fc.array(name), fc.boolean(), (keys, prefixes, encode) => {
      const shown = (text: string) => (encode ? encodeURIComponent(text) : escaped(text));
      const text = page(
        `${encode ? '<EncodingType>url</EncodingType>' : ''}${keys.map((key) => `<Contents><Size>1</Size><Key>${shown(key)}</Key></Contents>`).join('')}${prefixes
          .map((prefix) => `<CommonPrefixes><Prefix>${shown(prefix)}</Prefix></CommonPrefixes>`)
          .join('')}`,
      );
      const read = readListPage(text);
      expect(read?.objects.map(({ key }) => key)).toEqual(keys);
      expect(read?.prefixes).toEqual(prefixes);
    }),
  );
});

it('answers to anything, with null or a page', () => {
  const pieces = fc.constantFrom(
    '<',
    '>',
    '</',
    '/>',
    'ListBucketResult',
    'Contents',
    'Key',
    '&',
    '&#x110000;',
    ' ',
    '<?',
    '<!--',
    'a',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces).map((all) => all.join('')),
      ),
      (text) => {
        readListPage(text);
        readListPage(page(text));
      },
    ),
    { numRuns: 2000 },
  );
  expect(readListPage('')).toBeNull();
  expect(readListPage(page('<IsTruncated>true</IsTruncated>'))).toBeNull();
  expect(readListPage(page('<Contents></Contents>'))).toBeNull();
  expect(readListPage(page('<EncodingType>url</EncodingType><Contents><Key>%zz</Key></Contents>'))).toBeNull();
});

it('takes time in proportion to the text, also where nothing in it closes', () => {
  // The usual small readers take minutes for this.
  expect(readListPage('<a>'.repeat(2_000_000))).toBeNull();
  expect(readListPage(page('<a'.repeat(2_000_000)))).toBeNull();
  expect(readListPage(page(`<Contents><Key>${'&'.repeat(4_000_000)}`))).toBeNull();
});
