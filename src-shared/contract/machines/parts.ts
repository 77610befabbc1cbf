import { z } from 'zod';
import { machineSchema } from './model.ts';

/* What the methods of machines share. */

export const notForPeers = { peer: 'Hosting for others is not built yet.' } as const;
export const consoleOnly = {
  ...notForPeers,
  assistant: 'A console is typed by a person.',
  mcp: 'A console is typed by a person.',
} as const;

export const one = z.object({ machine: z.string().min(1).max(64) });
export const oneOut = z.object({ machine: machineSchema });

interface Changes {
  readonly autostart?: boolean | undefined;
  readonly internet?: boolean | undefined;
  readonly addSshKeys?: readonly string[] | undefined;
  readonly removeSshKeys?: readonly string[] | undefined;
  readonly open?: readonly string[] | undefined;
  readonly close?: readonly string[] | undefined;
}

/** Openings in words: that everybody is meant is said, because it is not written. */
export const letsIn = (rules: readonly string[]): string =>
  `lets in over the mesh ${rules.map((rule) => (rule.includes(' from ') ? rule : `${rule} from everybody`)).join(', ')}`;

/** A change in words for the question and the log: who is let in is told by the key's end, which differs from key to key. */
export function changes(i: Changes): string {
  const named = (keys: readonly string[]): string =>
    keys.map((key) => (key.length > 40 ? `${key.slice(0, 12)}…${key.slice(-24)}` : key)).join(', ');
  const said = [
    ...(i.autostart === undefined ? [] : [i.autostart ? 'starts by itself' : 'does not start by itself']),
    ...(i.internet === undefined ? [] : [i.internet ? 'reaches the internet' : 'does not reach the internet']),
    ...(i.addSshKeys?.length ? [`lets in ${named(i.addSshKeys)}`] : []),
    ...(i.removeSshKeys?.length ? [`no longer lets in ${named(i.removeSshKeys)}`] : []),
    ...(i.open?.length ? [letsIn(i.open)] : []),
    ...(i.close?.length ? [`no longer ${letsIn(i.close)}`] : []),
  ];
  return said.length === 0 ? '' : `: ${said.join('; ')}`;
}
