import type { Terminal } from '@xterm/xterm';

/**
 * What a machine prints may only change what is seen on its screen. A terminal's escapes can do more: set the window's
 * title (OSC 0 to 2), write the clipboard (OSC 52), open links (OSC 8), and make the terminal type answers back (device
 * attributes, status and mode reports, colour queries), which replayed scrollback would do at the wrong moment and a
 * hostile machine at the worst. All of these are swallowed. Sequences: "XTerm Control Sequences", Dickey and Moy.
 */
export function makeHarmless(terminal: Terminal): void {
  const swallow = () => true;
  const { parser } = terminal;
  for (const osc of [0, 1, 2, 4, 8, 9, 10, 11, 12, 52, 104, 110, 111, 112, 133, 633, 777, 1337]) {
    parser.registerOscHandler(osc, swallow);
  }
  const reports = [
    { final: 'n' },
    { prefix: '?', final: 'n' },
    { final: 'c' },
    { prefix: '>', final: 'c' },
    { prefix: '=', final: 'c' },
    { prefix: '>', final: 'q' },
    { intermediates: '$', final: 'p' },
    { prefix: '?', intermediates: '$', final: 'p' },
    { final: 't' },
  ];
  for (const report of reports) parser.registerCsiHandler(report, swallow);
  parser.registerDcsHandler({ intermediates: '$', final: 'q' }, swallow);
  parser.registerDcsHandler({ intermediates: '+', final: 'q' }, swallow);
}
