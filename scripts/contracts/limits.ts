import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Compiled } from './sources.ts';

/** EIP-170: no chain takes a larger contract. */
export const largestContract = 24_576;

/** What must not change unseen: where a contract keeps what (others read it by slot), and how many bytes it has. */
export interface Limits {
  readonly [contract: string]: { readonly bytes: number; readonly storage: readonly string[] };
}

const file = (root: string) => path.join(root, 'contracts', 'limits.json');

export function limits(compiled: ReadonlyMap<string, Compiled>): Limits {
  const all = [...compiled].map(
    ([name, { deployed, storage }]) => [name, { bytes: (deployed.length - 2) / 2, storage }] as const,
  );
  return Object.fromEntries(all);
}

export function committedLimits(root: string): Limits {
  return JSON.parse(readFileSync(file(root), 'utf8'));
}

export function writeLimits(root: string, value: Limits): void {
  writeFileSync(file(root), `${JSON.stringify(value, null, 2)}\n`);
}
