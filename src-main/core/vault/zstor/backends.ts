import { keyOf } from './address.ts';
import type { Connection } from './metadata.ts';
import type { DialZdb, ZdbNamespace } from './ports.ts';

/** Connections to backends, each opened once, when it is first needed. */
export interface Backends {
  at(connection: Connection): ZdbNamespace;
  close(): Promise<void>;
}

export function createBackends(dial: DialZdb): Backends {
  const open = new Map<string, ZdbNamespace>();
  return {
    at(connection) {
      const key = keyOf(connection);
      const known = open.get(key);
      if (known) return known;
      const made = dial(connection);
      open.set(key, made);
      return made;
    },
    async close() {
      await Promise.allSettled([...open.values()].map((one) => one.close()));
      open.clear();
    },
  };
}
