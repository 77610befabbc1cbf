import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentClient } from '#shared/contract/agent.ts';
import type { SearchIndex } from '#shared/contract/vault.ts';
import { streamOf } from '../data-sets/stream.ts';
import { textSource } from '../data-sets/text.ts';
import { Unavailable } from './benchmark.ts';

const perFolder = 500;

/** `files` files of about `length` bytes of text below a folder, and words as they stand in some of them. */
export async function textFiles(
  folder: string,
  files: number,
  length: number,
): Promise<readonly (readonly string[])[]> {
  const source = textSource(streamOf('hypha bench search 1'));
  const samples: string[][] = [];
  for (let i = 0; i < files; i += 1) {
    const below = path.join(folder, `letters ${String(Math.floor(i / perFolder)).padStart(3, '0')}`);
    if (i % perFolder === 0) await mkdir(below, { recursive: true });
    const text = source.text(length);
    await writeFile(path.join(below, `letter ${i}.txt`), text);
    if (i % 40 === 0) samples.push(text.toString().split(/\s+/).filter(Boolean));
  }
  return samples;
}

/** Wait until every file is in the index. */
export async function indexed(client: AgentClient, files: number): Promise<SearchIndex> {
  const patience = performance.now() + 3_600_000;
  for (;;) {
    const { search } = await client['vault.status']({});
    if (search?.state === 'current' && search.waiting === 0 && search.files >= files) return search;
    if (performance.now() > patience) throw new Unavailable('The search index was not ready after an hour.');
    await new Promise((done) => setTimeout(done, 500));
  }
}

/** Resident memory of a process now, in bytes; null where the system does not say. */
export async function residentMemory(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}

/** Processor time a process has used, in milliseconds; null where the system does not say. */
export async function processorTime(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Behind the name, which may hold anything: fields 14 and 15 of proc(5), in hundredths of a second.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isNaN(ticks) ? null : ticks * 10;
}

/** The value below which so many of a hundred are. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}
