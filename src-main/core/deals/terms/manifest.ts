import { utf8 } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import type { Hash32 } from '#shared/model/evm.ts';

/** What stands in a deal for a text: its SHA-256, in UTF-8. */
export const hashOfText = (text: string): Hash32 => `0x${toHex(sha256(utf8(text)))}` as Hash32;
