import { z } from 'zod';
import { meshTargetSchema, portSchema } from '#shared/contract/mesh/index.ts';

/** A port as it was typed; null when it is none. */
export function readPort(text: string): number | null {
  const read = portSchema.safeParse(text.trim() === '' ? Number.NaN : Number(text));
  return read.success ? read.data : null;
}

/** Whom to reach, as it was typed; null when it is neither an address nor a name. */
export function readTarget(text: string): string | null {
  const read = meshTargetSchema.safeParse(text);
  return read.success ? read.data : null;
}

const names = z.array(meshTargetSchema).min(1).max(256);

/** Several addresses or names, one a line or with commas between them; null when one of them is none, or there are none. */
export function readTargets(text: string): string[] | null {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  const read = names.safeParse(parts);
  return read.success ? [...new Set(read.data)] : null;
}

/** Ports that browsers are usually given, and what their addresses begin with. */
const web: Readonly<Record<number, 'http' | 'https'>> = {
  80: 'http',
  443: 'https',
  3000: 'http',
  5000: 'http',
  8000: 'http',
  8080: 'http',
  8081: 'http',
  8443: 'https',
  8888: 'http',
};

/** Where a browser finds a service that was brought to a local port; null when it looks like none for browsers. */
export function webAddress(port: number, localPort: number | null): string | null {
  const scheme = web[port];
  return scheme === undefined || localPort === null ? null : `${scheme}://127.0.0.1:${localPort}/`;
}
