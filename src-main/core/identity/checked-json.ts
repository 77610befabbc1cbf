import type { z } from 'zod';
import { utf8 } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';

/**
 * A small file: one line of canonical JSON whose member `check` is the SHA-256 (hex) of the canonical JSON of the rest.
 * It tells accidental damage apart from content; it does not authenticate.
 */
export function encodeCheckedJson(value: Readonly<Record<string, unknown>>): Uint8Array {
  const check = toHex(sha256(utf8(canonicalJson(value))));
  return utf8(`${canonicalJson({ ...value, check })}\n`);
}

export type CheckedJsonOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly cause: string; readonly newer: boolean };

/** Any bytes: the value, or the cause in plain words why there is none. `v` above `version` is a newer release's. */
export function decodeCheckedJson<T>(file: Uint8Array, version: number, schema: z.ZodType<T>): CheckedJsonOutcome<T> {
  const no = (cause: string, newer = false) => ({ ok: false as const, cause, newer });
  if (file.length === 0) return no('the file is empty');
  let value: unknown;
  let sum: string;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return no('it holds no record');
    sum = toHex(sha256(utf8(canonicalJson({ ...value, check: undefined }))));
  } catch {
    return no('it was cut short or overwritten');
  }
  const { check, ...rest } = value as Record<string, unknown>;
  if (check !== sum) return no('its checksum does not match: some of it was changed');
  if (typeof rest.v === 'number' && rest.v > version) {
    return no(`it has format version ${rest.v}, this release reads ${version}`, true);
  }
  const parsed = schema.safeParse(rest);
  return parsed.success ? { ok: true, value: parsed.data } : no('it lacks something or holds too much');
}
