import '@xterm/xterm/css/xterm.css';
import { FitAddon } from '@xterm/addon-fit';
import { type ITheme, Terminal as XTerm } from '@xterm/xterm';
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { onThemeChange, roleColour } from '../../../ui/colour.ts';
import { createFloodGate, type FloodGate } from './flood-gate.ts';
import { makeHarmless } from './harmless.ts';
import { ownKey } from './own-keys.ts';

export interface TerminalHandle {
  write(bytes: Uint8Array): void;
  /** A line of ours, told apart from the machine's. */
  note(text: string): void;
  clear(): void;
  focus(): void;
  selection(): string;
  paste(text: string): void;
  size(): { rows: number; cols: number };
}

export interface TerminalProps {
  ref: Ref<TerminalHandle>;
  label: string;
  /** What screen readers hear is worth a slower screen only when asked for. */
  readAloud: boolean;
  onType: (text: string) => void;
  /** F6: leave the terminal, whose every other key belongs to the machine. */
  onLeave: () => void;
  onCopy: () => void;
  /** The machine printed faster than can be shown. */
  onPassedOver: (bytes: number) => void;
}

/** The sixteen colours, near the house's own; xterm.js lifts any pair that would be hard to read. */
const ansi: ITheme = {
  black: '#3a3733',
  red: '#b5473c',
  green: '#5c8a4a',
  yellow: '#a9822f',
  blue: '#4a76b8',
  magenta: '#9060a8',
  cyan: '#3f8c8c',
  white: '#c9c5bd',
  brightBlack: '#7d7870',
  brightRed: '#d4685c',
  brightGreen: '#7fae6b',
  brightYellow: '#c9a550',
  brightBlue: '#6f98d6',
  brightMagenta: '#b081c6',
  brightCyan: '#5fb0b0',
  brightWhite: '#f4f1ea',
};

const themeNow = (): ITheme => ({
  ...ansi,
  background: roleColour('surface-sunk'),
  foreground: roleColour('ink'),
  cursor: roleColour('accent'),
  cursorAccent: roleColour('surface-sunk'),
  selectionBackground: roleColour('selection'),
});

export default function Terminal({ ref, label, readAloud, onType, onLeave, onCopy, onPassedOver }: TerminalProps) {
  const box = useRef<HTMLDivElement>(null);
  const term = useRef<XTerm | null>(null);
  const handlers = useRef({ onType, onLeave, onCopy, onPassedOver });
  handlers.current = { onType, onLeave, onCopy, onPassedOver };
  const gate = useRef<FloodGate | null>(null);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = new XTerm({
      scrollback: 10_000,
      fontFamily: getComputedStyle(element).fontFamily,
      fontSize: 13,
      lineHeight: 1.25,
      minimumContrastRatio: 4.5,
      cursorBlink: false,
      theme: themeNow(),
      // Links in what a machine prints are only text.
      linkHandler: { activate: () => {} },
    });
    const fit = new FitAddon();
    made.loadAddon(fit);
    makeHarmless(made);
    made.attachCustomKeyEventHandler((event) => {
      const own = ownKey(event);
      if (own === null) return true;
      // Left to the browser: its paste event brings the text without a right to read the clipboard, which the app's own
      // window has not, and xterm.js takes it from there.
      if (own === 'paste') return false;
      event.preventDefault();
      if (event.type === 'keydown') handlers.current[own === 'leave' ? 'onLeave' : 'onCopy']();
      return false;
    });
    made.onData((text) => handlers.current.onType(text));
    made.onBinary((text) => handlers.current.onType(text));
    made.open(element);
    // Until it has the focus once, xterm.js shows no cursor; choosing the screen it already has shows it from the first paint.
    made.write('\x1b[?47l');
    gate.current = createFloodGate({
      write: (bytes, done) => made.write(bytes, done),
      passedOver: (bytes) => handlers.current.onPassedOver(bytes),
    });
    fit.fit();
    const resize = new ResizeObserver(() => fit.fit());
    resize.observe(element);
    const unfollow = onThemeChange(() => {
      made.options.theme = themeNow();
    });
    // The bundled face may arrive after the first measure.
    void document.fonts.ready.then(() => {
      if (term.current === made) fit.fit();
    });
    term.current = made;
    return () => {
      term.current = null;
      gate.current = null;
      resize.disconnect();
      unfollow();
      made.dispose();
    };
  }, []);

  useEffect(() => {
    const { current } = term;
    if (!current) return;
    current.options.screenReaderMode = readAloud;
    current.textarea?.setAttribute('aria-label', label);
  }, [readAloud, label]);

  useImperativeHandle(ref, () => ({
    write: (bytes) => gate.current?.write(bytes),
    note: (text) => term.current?.write(`\r\n\x1b[2m${text}\x1b[22m\r\n`),
    clear: () => {
      gate.current?.clear();
      term.current?.reset();
    },
    focus: () => term.current?.focus(),
    selection: () => term.current?.getSelection() ?? '',
    paste: (text) => term.current?.paste(text),
    size: () => ({ rows: term.current?.rows ?? 24, cols: term.current?.cols ?? 80 }),
  }));

  return <div ref={box} className="h-full font-mono min-h-0 w-full overflow-hidden" />;
}
