import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { openLedger } from './ledger.ts';
import { verifyLedger } from './verify.ts';

/** HYPHA_SOAK: that many kills. */
const kills = Number(process.env.HYPHA_SOAK ?? 4);
const program = join(import.meta.dirname, '..', 'testing', 'ledger-child.ts');
let top: string;
let running: ChildProcess | null = null;

beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'hypha-ledger-'));
});
afterEach(async () => {
  running?.kill('SIGKILL');
  await rm(top, { recursive: true, force: true });
});

/** Transactions that were acknowledged until the process was killed at the `nth`. */
async function killedAfter(path: string, nth: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  running = child;
  const seen: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    seen.push(line);
    if (seen.length === nth) child.kill('SIGKILL');
  }
  return seen;
}

it(
  `loses nothing that it acknowledged, killed ${kills} times`,
  async () => {
    const path = join(top, 'ledger.db');
    const acknowledged: string[] = [];
    for (let i = 0; i < kills; i += 1) acknowledged.push(...(await killedAfter(path, 1 + ((i * 7) % 23))));
    const ledger = openLedger({ path, host: createFakeHost(), log: silentLog, operator: new Uint8Array(20) });
    try {
      const lost = acknowledged.filter((hash) => ledger.records.tx(Buffer.from(hash, 'hex')) === undefined);
      console.log(`${kills} kills, ${acknowledged.length} transactions acknowledged, ${lost.length} lost`);
      expect(acknowledged.length).toBeGreaterThanOrEqual(kills);
      expect(lost).toEqual([]);
      expect(await verifyLedger(ledger, silentLog)).toMatchObject({ wrong: null });
    } finally {
      await ledger.close();
    }
  },
  300_000 + kills * 30_000,
);
