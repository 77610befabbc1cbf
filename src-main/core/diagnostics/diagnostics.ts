import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { redactText } from './redact.ts';

/** The newest part of each log that a report carries. */
const maxLogChars = 200_000;

/**
 * What a person may hand to somebody who helps: facts about this start and the newest log lines, redacted. The person
 * sees every file before saving; nothing is sent.
 */
export async function collectDiagnostics(
  home: string,
  facts: Record<string, unknown>,
): Promise<{ name: string; text: string }[]> {
  const files = [{ name: 'facts.json', text: redactText(JSON.stringify(facts, null, 2)) }];
  const directory = join(home, 'logs');
  const names = await readdir(directory).catch(() => [] as string[]);
  for (const name of names.filter((n) => n.endsWith('.log')).sort()) {
    const text = await readFile(join(directory, name), 'utf8').catch(
      (error: unknown) => `unreadable: ${String(error)}`,
    );
    files.push({ name: `logs/${name}`, text: redactText(text.slice(-maxLogChars)) });
  }
  return files;
}
