import { canonicalJson } from '#shared/model/canonical-json.ts';

/** What was found out about inputs of calls, the newest few. */
export function createMemory<T>(most: number) {
  const kept = new Map<string, T>();
  return {
    put(input: unknown, value: T): void {
      const key = canonicalJson(input);
      kept.delete(key);
      kept.set(key, value);
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    },
    get: (input: unknown): T | undefined => kept.get(canonicalJson(input)),
  };
}
