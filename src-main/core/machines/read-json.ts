import { readFile } from 'node:fs/promises';

/** A JSON file's value; null when it is not there or not readable: for caches and marks that can be made anew. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return null;
  }
}
