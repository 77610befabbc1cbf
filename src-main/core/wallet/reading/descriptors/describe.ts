import type { Review } from '#shared/contract/wallet/review.ts';
import type { Container, Look } from '../look.ts';
import { amountWords, dateWords, durationWords, rawWords } from '../words.ts';
import type { Field, Format } from './schema.ts';

type Shown = Review['fields'][number];

/** Of a list so many entries are shown, and then how many more there are. */
const mostEntries = 16;

/** What a path of a descriptor leads to: one value, or of a path with `[]` all of them. */
export function valuesAt(path: string, root: unknown, container: Container): readonly unknown[] {
  if (path.startsWith('@.')) return [container[path.slice(2) as keyof Container]];
  let found: unknown[] = [root];
  for (const step of path.replace(/^#\./, '').split('.')) {
    found =
      step === '[]'
        ? found.flatMap((one) => (Array.isArray(one) ? (one as unknown[]) : []))
        : found.map((one) => (one as Record<string, unknown> | undefined)?.[step]);
  }
  return found;
}

/** The fields of what is signed, in words. @throws Error for a value that is not what the format is for */
export async function describe(format: Format, root: unknown, container: Container, look: Look): Promise<Shown[]> {
  const shown: Shown[] = [];
  for (const field of format.fields) {
    const values = valuesAt(field.path, root, container);
    for (const [i, value] of values.slice(0, mostEntries).entries()) {
      shown.push(await show(field, value, i, root, container, look));
    }
    const more = values.length - mostEntries;
    if (more > 0) shown.push({ label: field.label, text: `and ${more} more`, party: null });
  }
  return shown;
}

async function show(
  field: Field,
  value: unknown,
  i: number,
  root: unknown,
  container: Container,
  look: Look,
): Promise<Shown> {
  const { label } = field;
  const at = (path: string) => {
    const all = valuesAt(path, root, container);
    return String(all.length === 1 ? all[0] : all[i]);
  };
  const say = (text: string): Shown => ({ label, text, party: null });
  switch (field.format) {
    case 'addressName': {
      if (/^0x0{40}$/.test(String(value))) return say('nobody');
      const party = look.party(String(value));
      return { label, text: party.name ?? party.address, party };
    }
    case 'tokenAmount': {
      const amount = whole(value);
      const { threshold, message, tokenPath } = field.params;
      const address = at(tokenPath);
      const token = await look.token(address);
      if (threshold !== undefined && amount >= BigInt(threshold))
        return say(`${message ?? 'without limit'}${token === null ? '' : ` (${rawWords(token.symbol)})`}`);
      return token === null ? say(`${amount} of the smallest units of ${address}`) : say(amountWords(amount, token));
    }
    case 'nftName': {
      const token = await look.token(at(field.params.collectionPath));
      return say(`number ${whole(value)}${token === null ? '' : ` of ${rawWords(token.symbol)}`}`);
    }
    case 'amount':
      return say(amountWords(whole(value), look.coin));
    case 'date':
      return say(dateWords(whole(value)));
    case 'duration':
      return say(durationWords(whole(value)));
    case 'unit':
      return say(`${amountWords(whole(value), { symbol: field.params.base, decimals: field.params.decimals })}`);
    case 'raw':
      return say(rawWords(value));
  }
}

function whole(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^(?:\d{1,78}|0x[0-9a-fA-F]{1,64})$/.test(value)) return BigInt(value);
  throw new Error('no whole number');
}
