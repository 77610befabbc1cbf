import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHarmless, putBack } from './harmless.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const through = (text: string) => textOf(createHarmless()(bytesOf(text)));

describe('what a machine prints on the person’s terminal', () => {
  it('is its text, colours, moves and modes', () => {
    for (const text of [
      'login: ünïcode 漢字 🙂\r\n\t\b\x07',
      '\x1b[1;31mred\x1b[0m \x1b[38:2::1:2:3mtrue colour\x1b[m',
      '\x1b[2J\x1b[H\x1b[10;20Hx\x1b[K\x1b[?25l\x1b[?1049h\x1b[5;20r\x1b[3 q\x1b[!p',
      '\x1b7\x1b8\x1b(0lqqk\x1b(B\x1b=\x1b>\x1bM\x1bc\x1b#8',
      putBack,
    ]) {
      expect(through(text)).toBe(text);
    }
  });

  it('sets no title, writes no clipboard, opens no link, prints nothing, and has nothing typed back', () => {
    for (const sequence of [
      '\x1b]0;title\x07',
      '\x1b]2;title\x1b\\',
      '\x1b]52;c;cm0gLXJmIH4=\x07',
      '\x1b]8;;http://example.org\x1b\\',
      '\u009d52;c;aGk=\u009c',
      '\x1bP$q"p\x1b\\',
      '\x1bP+q544e\x1b\\',
      '\x1b_Gi=1;AAAA\x1b\\',
      '\x1b^private\x1b\\',
      '\x1bXstring\x1b\\',
      '\x1b[c',
      '\x1b[>c',
      '\u009bc',
      '\x1b[6n',
      '\x1b[?6n',
      '\x1b[21t',
      '\x1b[>q',
      '\x1b[?u',
      '\x1b[?25$p',
      '\x1b[1;1;1;1;1;1*y',
      '\x1b[5i',
      '\x1bZ',
      '\x05',
    ]) {
      expect(through(`a${sequence}b`), JSON.stringify(sequence)).toBe('ab');
    }
  });

  it('goes on after a string that never ends, at the next sequence', () => {
    expect(through('\x1b]0;never ended\x1b[1mbold')).toBe('\x1b[1mbold');
    expect(through('\x1b]0;broken off\x18text')).toBe('text');
  });

  const pieces = fc.constantFrom(
    '\x1b',
    '[',
    ']',
    'P',
    '_',
    '52;c;',
    '\x07',
    '\\',
    '\u009d',
    '\u009c',
    '\u009b',
    '6n',
    'c',
    '?',
    '25h',
    ' ',
    '\x18',
    'x',
    '漢',
  );
  const printed = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.array(pieces, { maxLength: 30 }).map((parts) => bytesOf(parts.join(''))),
  );

  it('holds nothing of it whatever the bytes, and is the same however they are cut', () => {
    fc.assert(
      fc.property(printed, fc.array(fc.nat(20), { maxLength: 10 }), (bytes, cuts) => {
        const whole = textOf(createHarmless()(bytes));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
        expect(whole).not.toMatch(/\x1b[\]PX^_Z]|[\u0080-\u009f\x05]|\x1b\[[0-?]*[cnti]|\x1b\[[>?]?[0-9]*\$/);
        const harmless = createHarmless();
        const parts: Uint8Array[] = [];
        let at = 0;
        for (const cut of cuts) {
          parts.push(harmless(bytes.subarray(at, at + cut)));
          at += cut;
        }
        parts.push(harmless(bytes.subarray(at)));
        expect(textOf(Buffer.concat(parts))).toBe(whole);
      }),
      { numRuns: 500 },
    );
  });
});
