import type { Outcome, Party, Warning } from '#shared/contract/wallet/review.ts';
import type { ChainRef } from '#shared/model/evm.ts';
import type { Read } from '../reading/look.ts';
import { amountWords } from '../reading/words.ts';
import { isNobody, looksLike } from './addresses.ts';

/** Somebody whose address this device knows. */
export interface Known {
  readonly address: string;
  readonly name: string;
  readonly kind: 'own' | 'contact' | 'token' | 'contract';
}

/** Whom the person knows and had to do with. */
export interface Book {
  known(chain: ChainRef): readonly Known[];
  /** The person sent something there before. */
  sentTo(chain: ChainRef, address: string): boolean;
}

/** From here on an amount is all there will ever be. */
const unlimitedFrom = 1n << 128n;
export const isUnlimited = (amount: bigint): boolean => amount >= unlimitedFrom;

const warn = (code: Warning['code'], severity: Warning['severity'], text: string): Warning => ({
  code,
  severity,
  text,
});
const nameOf = (party: Party): string => party.name ?? party.address;

export interface Recipient {
  readonly party: Party;
  /** Gets something; or may take something. */
  readonly role: 'gets' | 'takes';
  readonly hasCode: boolean;
}

/** About whom something goes to, or who may take something. */
export function aboutRecipient(
  { party, role, hasCode }: Recipient,
  chain: ChainRef,
  from: string,
  token: string | null,
  book: Book,
): Warning[] {
  const warnings: Warning[] = [];
  const { address } = party;
  const twin = book.known(chain).find((one) => looksLike(one.address, address));
  if (twin !== undefined)
    warnings.push(
      warn(
        'LOOKS_LIKE',
        'danger',
        `${address} looks like the address of ${twin.name} (${twin.address}) and is another one. Such addresses are made to be mistaken for each other.`,
      ),
    );
  if (isNobody(address) && role === 'gets') {
    warnings.push(warn('TO_NOBODY', 'danger', 'This address belongs to nobody. What is sent there is lost.'));
    return warnings;
  }
  if (role === 'gets') {
    if (address.toLowerCase() === from.toLowerCase())
      warnings.push(warn('TO_SELF', 'note', 'It goes to the account that it comes from.'));
    else if (token !== null && address.toLowerCase() === token.toLowerCase())
      warnings.push(
        warn('TO_TOKEN', 'danger', 'It goes to the contract of the token itself. Nobody can get it from there.'),
      );
    else if (hasCode && party.kind === 'unknown')
      warnings.push(
        warn('TO_CONTRACT', 'caution', 'It goes to a contract. If the contract is not made for it, it is lost.'),
      );
    if (twin === undefined && party.kind === 'unknown' && !book.sentTo(chain, address))
      warnings.push(warn('FIRST_TIME', 'note', 'You never sent anything to this address. Compare every digit of it.'));
  } else if (!hasCode && !isNobody(address) && party.kind !== 'own')
    warnings.push(
      warn(
        'SPENDER_NO_CONTRACT',
        'danger',
        `${nameOf(party)} is an account of somebody, not a contract. Honest programs ask for their contract: whoever has this account could take everything that you allow.`,
      ),
    );
  return warnings;
}

/** About a right to take something, whether a call gives it or a signature alone. */
export function aboutPermission(
  permission: Pick<Outcome['permissions'][number], 'kind' | 'amount' | 'unlimited' | 'asset' | 'spender'>,
): Warning[] {
  const { kind, unlimited, spender, asset } = permission;
  if (kind === 'all')
    return [
      warn(
        'ALL_ITEMS',
        'danger',
        `${nameOf(spender)} could take every item of ${asset.symbol || 'this collection'} that you have now and later.`,
      ),
    ];
  if (unlimited)
    return [
      warn(
        'UNLIMITED',
        'danger',
        `${nameOf(spender)} could take all ${asset.symbol || 'of these tokens'} that you have now and later. Allow only what is needed now.`,
      ),
    ];
  return [];
}

export const blind = (): Warning =>
  warn('BLIND', 'danger', 'What this means cannot be read. Sign it only if you trust whoever asks for it entirely.');

/** About what came of trying it. @param takes names of functions that say themselves that they take */
export function aboutOutcome(outcome: Outcome, read: Read, from: string): Warning[] {
  const warnings: Warning[] = [];
  if (outcome.state === 'refused')
    warnings.push(
      warn(
        'WILL_FAIL',
        'caution',
        `It would fail now: ${outcome.reason}. Sent all the same, it does nothing and its fee is gone.`,
      ),
    );
  if (outcome.state === 'unknown')
    warnings.push(warn('NOT_SIMULATED', 'caution', `It could not be tried here: ${outcome.reason}`));
  const said = read.readBy === 'coin' || (read.known !== null && sayThatTheyTake.has(read.known.name));
  for (const { who, asset, amount } of outcome.changes) {
    const lost = -BigInt(amount);
    if (lost <= 0n || who.address.toLowerCase() !== from.toLowerCase() || said || asset.kind === 'coin') continue;
    const what = asset.kind === 'erc20' ? amountWords(lost, asset) : `an item of ${asset.symbol}`;
    warnings.push(warn('TAKES_MORE', 'caution', `It takes ${what} from you, which its description does not say.`));
  }
  return warnings;
}

const sayThatTheyTake = new Set([
  'transfer',
  'transferFrom',
  'safeTransferFrom',
  'safeBatchTransferFrom',
  'redeem',
  'agree',
  'topUp',
]);

export const tokenLies = (symbol: string): Warning =>
  warn(
    'TOKEN_LIES',
    'danger',
    `The token ${symbol} says it moved another amount than its balances show: it keeps a fee, or it lies.`,
  );

export const simulationDiffers = (): Warning =>
  warn(
    'SIMULATION_DIFFERS',
    'danger',
    'The chain’s node says another outcome than was found here. The chain has rules of its own, or its node does not tell the truth.',
  );

export const zeroValue = (): Warning =>
  warn(
    'ZERO_VALUE',
    'caution',
    'It sends nothing. Transfers of nothing are used to bring a wrong address into your list.',
  );
