import { z } from 'zod';
import { lastTime } from '#shared/model/ids.ts';
import type { AnyMethod } from '#shared/rpc/contract.ts';

export type SizeUnit = 'B' | 'MiB' | 'GiB';

/** One input of a method as the command line takes it; derived from the contract's schema. */
export interface Field {
  /** The name in the contract, for example `memoryMiB`. */
  readonly key: string;
  /** The flag without dashes, for example `memory-mib`. */
  readonly flag: string;
  readonly kind: 'boolean' | 'integer' | 'number' | 'string' | 'strings' | 'numbers' | 'json' | 'bytes';
  readonly required: boolean;
  readonly fallback: unknown;
  /** The allowed values of an enumeration. */
  readonly choices: readonly string[] | null;
  /** A size, and what a number without a unit counts: 2G and the like are understood. */
  readonly size: SizeUnit | null;
  /** A time in milliseconds since 1970: dates and spans such as 30d are understood. */
  readonly time: boolean;
  /** A time that may be none: `never`. */
  readonly never: boolean;
  /** What the contract says about it; empty when its name says all. */
  readonly about: string;
  /** Never taken from the command's words, which other programs can see. */
  readonly secret: boolean;
}

/** The part of JSON Schema that zod writes for our inputs. */
interface JsonSchema {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  default?: unknown;
  description?: string;
  maximum?: number;
}

export function fieldsOf(spec: AnyMethod): readonly Field[] {
  // `any`: bytes have no JSON Schema and come out as an empty one.
  const schema = z.toJSONSchema(spec.input, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([key, property]) => {
    const secret = spec.secret?.includes(key) ?? false;
    const time = isTime(property);
    const kind = time ? 'integer' : kindOf(property);
    return {
      key,
      flag: kebab(key),
      kind,
      required: required.has(key),
      fallback: property.default,
      choices: property.enum?.map(String) ?? null,
      size: kind === 'integer' || kind === 'number' ? sizeUnit(key) : null,
      time,
      never: time && property.anyOf !== undefined,
      about: property.description ?? '',
      secret,
    };
  });
}

/** Times have a bound that nothing else has. */
const isTime = ({ maximum, anyOf }: JsonSchema): boolean => maximum === lastTime || (anyOf?.some(isTime) ?? false);

/** Inputs of the contract that are sizes say so by their names. */
function sizeUnit(key: string): SizeUnit | null {
  if (key.endsWith('MiB')) return 'MiB';
  if (key === 'gib') return 'GiB';
  return /^(bytes|length|room)$|[a-z]Bytes$/.test(key) ? 'B' : null;
}

function kindOf(schema: JsonSchema): Field['kind'] {
  if (schema.anyOf) {
    const kinds = new Set(schema.anyOf.map(kindOf));
    return kinds.size === 1 && kinds.has('string') ? 'string' : 'json';
  }
  if (typeof schema.const === 'string') return 'string';
  switch (schema.type) {
    case 'boolean':
    case 'integer':
    case 'number':
    case 'string':
      return schema.type;
    case 'array':
      switch (schema.items && kindOf(schema.items)) {
        case 'string':
          return 'strings';
        case 'integer':
        case 'number':
          return 'numbers';
        default:
          return 'json';
      }
    case undefined:
      return 'bytes';
    default:
      return 'json';
  }
}

/** `sshKeys` to `ssh-keys`, `memoryMiB` to `memory-mib`. */
export function kebab(name: string): string {
  return name
    .replace(/MiB/g, 'Mib')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();
}

/** It takes several words. */
export const takesMany = ({ kind }: Field): boolean => kind === 'strings' || kind === 'numbers';

/**
 * The field a flag means: its exact name, or the only one that begins so (`--memory` for `memoryMiB`).
 * `ambiguous` lists the candidates when there are several.
 */
export function findField(fields: readonly Field[], flag: string): Field | { ambiguous: string[] } | null {
  const exact = fields.find((field) => field.flag === flag || field.key === flag);
  if (exact) return exact;
  const begins = fields.filter((field) => field.flag.startsWith(flag));
  const [only] = begins;
  if (only && begins.length === 1) return only;
  return begins.length > 1 ? { ambiguous: begins.map((field) => field.flag) } : null;
}
