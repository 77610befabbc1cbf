/**
 * What a machine prints, on its way to the person's own terminal: it may only change what is seen there. A terminal's
 * sequences can do more: set its title, write the clipboard (OSC 52), open links, print, and type answers back as if
 * the person had (device attributes, status reports, ENQ), which a hostile machine could choose. So only text and a list
 * of sequences that move, erase, colour, scroll and switch modes go through. Sequences: ECMA-48; "XTerm Control
 * Sequences", Dickey and Moy. The page's console does the same (`features/machines/console/harmless.ts`).
 *
 * @returns takes the bytes as they come, cut anywhere, and gives what to write
 */
export function createHarmless(): (bytes: Uint8Array) => Uint8Array {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let state: State = 'text';
  let held = '';

  /** One character in; what may be written for it. */
  const take = (c: string): string => {
    const code = c.codePointAt(0) ?? 0;
    // These break any sequence off, in every state (CAN, SUB), or begin another (ESC).
    if (code === 0x18 || code === 0x1a) return to('text');
    if (code === 0x1b) return to(state === 'string' ? 'string end' : 'escape');
    if (code >= 0x80 && code <= 0x9f) return to(c1State(code, state));
    if (state === 'string' || state === 'string end') {
      if (state === 'string' && code !== 0x07) return '';
      if (state === 'string' || c === '\\') return to('text');
      to('escape');
    }
    if (state === 'text') return code === 0x05 || code === 0x7f ? '' : c;
    // Control characters within a sequence are obeyed at once.
    if (code < 0x20) return code === 0x05 ? '' : c;
    if (code >= 0x7f || held.length >= longest) return to('text');
    return state === 'escape' ? escaped(c) : control(c);
  };

  const to = (next: State): string => {
    state = next;
    held = '';
    return '';
  };
  const escaped = (c: string): string => {
    if (held === '' && c === '[') return to('control');
    if (held === '' && ']PX^_'.includes(c)) return to('string');
    held += c;
    if (c >= ' ' && c <= '/') return '';
    const sequence = harmlessEscape.test(held) ? `\x1b${held}` : '';
    to('text');
    return sequence;
  };
  const control = (c: string): string => {
    held += c;
    if (c < '@') return '';
    const sequence = harmlessControl.test(held) ? `\x1b[${held}` : '';
    to('text');
    return sequence;
  };

  return (bytes) => {
    let out = '';
    for (const c of decoder.decode(bytes, { stream: true })) out += take(c);
    return encoder.encode(out);
  };
}

type State = 'text' | 'escape' | 'control' | 'string' | 'string end';

/** No real sequence is longer; what is, is let go of. */
const longest = 64;

/** Save, restore, line feeds, keypad, reset; character sets; the alignment test. */
const harmlessEscape = /^(?:[78=>DEHMc]|[()*+][0-9A-Z=]|#[3-8])$/;

/**
 * After CSI. Plain: insert, move, erase, scroll, delete, tabs, modes, colours, margins, save and restore. With `?`:
 * modes and selective erase. Then soft reset and the cursor's shape.
 */
const harmlessControl = /^(?:[0-9;:]*[@A-MPSTXZ`abdefghlmrsu]|\?[0-9;]*[hlJK]|!p|[0-9]* q)$/;

/** Modes that make a terminal type by itself (mouse, focus, paste marks) off again, colours and character sets as usual. */
export const putBack = '\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?2004l\x1b[!p\x1b[m';

/** The 8-bit forms of sequences' beginnings and of their end. */
function c1State(code: number, state: State): State {
  if (code === 0x9b) return 'control';
  if ([0x90, 0x98, 0x9d, 0x9e, 0x9f].includes(code)) return 'string';
  return state === 'string' && code !== 0x9c ? 'string' : 'text';
}
