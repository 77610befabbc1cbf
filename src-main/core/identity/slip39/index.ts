import { wipe } from '#core/crypto/wipe.ts';
import { decryptSecret, encryptSecret } from './cipher.ts';
import { decodeShare, encodeShare, type Share, type ShareOutcome } from './share.ts';
import { mostShares, recoverSecret, splitSecret } from './sharing.ts';

export { decodeShare, type Share, type ShareOutcome } from './share.ts';

/*
 * SLIP-0039, "Shamir's Secret-Sharing for Mnemonic Codes" (https://github.com/satoshilabs/slips/blob/master/slip-0039.md): a secret as
 * shares of words, of which so many are needed.
 */

export interface Group {
  readonly threshold: number;
  readonly count: number;
}

export interface SplitOptions {
  /** How many of the groups are needed. */
  readonly groupThreshold: number;
  readonly groups: readonly Group[];
  /** Printable ASCII; empty for none. */
  readonly passphrase?: string;
  readonly exponent?: number;
  readonly extendable?: boolean;
}

/** More would keep a computer busy for minutes: this many take about a second. */
const mostExponent = 8;

/**
 * The shares of a secret, by group.
 *
 * @param secret 16 to 64 bytes, an even number
 * @throws RangeError for what the standard does not allow: it is not for people to choose such
 */
export async function makeShares(
  secret: Uint8Array,
  options: SplitOptions,
  random: (n: number) => Uint8Array,
): Promise<string[][][]> {
  const { groupThreshold, groups, passphrase = '', exponent = 1, extendable = true } = options;
  if (secret.length < 16 || secret.length > 64 || secret.length % 2 !== 0) throw new RangeError('not such a secret');
  if (!/^[\x20-\x7e]*$/.test(passphrase)) throw new RangeError('the passphrase is not printable ASCII');
  if (groups.some(({ threshold, count }) => threshold === 1 && count > 1)) throw new RangeError('1 of many is a copy');
  if (exponent < 0 || exponent > mostExponent) throw new RangeError('not such an exponent');
  const [high = 0, low = 0] = random(2);
  const identifier = ((high << 8) | low) & 0x7fff;
  const encrypted = await encryptSecret(secret, passphrase, { identifier, extendable, exponent });
  const groupSecrets = splitSecret(encrypted, groupThreshold, groups.length, random);
  wipe(encrypted);
  return groups.map(({ threshold, count }, groupIndex) => {
    const secretOfGroup = groupSecrets[groupIndex]?.y ?? new Uint8Array(0);
    const members = splitSecret(secretOfGroup, threshold, count, random);
    wipe(secretOfGroup);
    const common = { identifier, extendable, exponent, groupIndex, groupThreshold, groupCount: groups.length };
    return members.map(({ x, y }) => {
      const share = encodeShare({ ...common, memberIndex: x, memberThreshold: threshold, value: y });
      wipe(y);
      return share;
    });
  });
}

export type Combined =
  | { readonly ok: true; readonly secret: Uint8Array }
  /** One of the shares is none. `at`: which, from 0. */
  | { readonly ok: false; readonly why: 'BAD_SHARE'; readonly at: number; readonly outcome: ShareOutcome }
  /** They are of different sets, or two say different things of the same place in it. */
  | { readonly ok: false; readonly why: 'MIXED' }
  | { readonly ok: false; readonly why: 'TOO_FEW'; readonly standing: Standing }
  /** They do not belong together, although they say so. */
  | { readonly ok: false; readonly why: 'WRONG' }
  | { readonly ok: false; readonly why: 'TOO_COSTLY' };

/** How far a collection of shares is. */
export interface Standing {
  readonly groupThreshold: number;
  readonly groupCount: number;
  /** Those of which there is a share, in order. */
  readonly groups: readonly { readonly index: number; readonly threshold: number; readonly have: number }[];
}

/** What shares of one set are there, each once. @returns null when they are not of one set */
function sortOut(shares: readonly Share[]): Map<number, Map<number, Share>> | null {
  const groups = new Map<number, Map<number, Share>>();
  const [first] = shares;
  if (!first) return null;
  const same = (share: Share): boolean =>
    share.identifier === first.identifier &&
    share.extendable === first.extendable &&
    share.exponent === first.exponent &&
    share.groupThreshold === first.groupThreshold &&
    share.groupCount === first.groupCount &&
    share.value.length === first.value.length;
  for (const share of shares) {
    const group = groups.get(share.groupIndex) ?? new Map<number, Share>();
    groups.set(share.groupIndex, group);
    const [other] = group.values();
    const there = group.get(share.memberIndex);
    if (!same(share) || share.groupIndex >= first.groupCount) return null;
    if (other && other.memberThreshold !== share.memberThreshold) return null;
    if (there && Buffer.compare(there.value, share.value) !== 0) return null;
    group.set(share.memberIndex, share);
  }
  return groups;
}

const thresholdOf = (group: ReadonlyMap<number, Share>): number =>
  [...group.values()][0]?.memberThreshold ?? mostShares + 1;

/** How far these shares are; null when they are not of one set. */
export function standingOf(shares: readonly Share[]): Standing | null {
  const groups = sortOut(shares);
  const [first] = shares;
  if (!groups || !first) return null;
  return {
    groupThreshold: first.groupThreshold,
    groupCount: first.groupCount,
    groups: [...groups]
      .map(([index, group]) => ({ index, threshold: thresholdOf(group), have: group.size }))
      .sort((a, b) => a.index - b.index),
  };
}

/** The secret of enough shares, given as their words. Whether the passphrase is right nothing tells. */
export async function combineShares(mnemonics: readonly (readonly string[])[], passphrase = ''): Promise<Combined> {
  const shares: Share[] = [];
  for (const [at, mnemonic] of mnemonics.entries()) {
    const outcome = decodeShare(mnemonic);
    if (!outcome.ok) return { ok: false, why: 'BAD_SHARE', at, outcome };
    shares.push(outcome.share);
  }
  const groups = sortOut(shares);
  const standing = standingOf(shares);
  const [first] = shares;
  if (!groups || !standing || !first) return { ok: false, why: 'MIXED' };
  const complete = [...groups].filter(([, group]) => group.size >= thresholdOf(group));
  if (complete.length < first.groupThreshold) return { ok: false, why: 'TOO_FEW', standing };
  if (first.exponent > mostExponent) return { ok: false, why: 'TOO_COSTLY' };
  const points: { x: number; y: Uint8Array }[] = [];
  for (const [x, group] of complete) {
    const members = [...group.values()].map(({ memberIndex, value }) => ({ x: memberIndex, y: value }));
    const y = recoverSecret(thresholdOf(group), members);
    if (!y) return { ok: false, why: 'WRONG' };
    points.push({ x, y });
  }
  const encrypted = recoverSecret(first.groupThreshold, points);
  wipe(...points.map(({ y }) => y), ...shares.map(({ value }) => value));
  if (!encrypted) return { ok: false, why: 'WRONG' };
  const secret = await decryptSecret(encrypted, passphrase, first);
  wipe(encrypted);
  return { ok: true, secret };
}
