import type { Movement } from '#shared/contract/wallet/movements.ts';

const columns = [
  ...['time', 'direction', 'amount', 'token', 'token contract', 'from or to', 'address', 'words', 'note', 'state'],
  ...['fee', 'chain', 'chain id', 'account', 'block', 'transaction'],
] as const;

/**
 * A table as spreadsheets read it (RFC 4180: CRLF, a quote doubled). A text that a spreadsheet would take for a formula is kept from that by an
 * apostrophe before it: names and symbols come from others.
 */
export function csvOf(movements: readonly Movement[]): string {
  const rows = movements.map((one) => {
    const symbol = one.sum === null ? '' : one.sum.text.slice(one.sum.amount.length + 1);
    const values: Record<(typeof columns)[number], string> = {
      time: new Date(one.at).toISOString(),
      direction: one.direction,
      amount: one.sum === null ? '' : one.sum.amount,
      token: symbol,
      'token contract': one.token ?? '',
      'from or to': one.other?.name ?? '',
      address: one.other?.address ?? '',
      words: one.words,
      note: one.note ?? '',
      state: one.state,
      fee: one.fee?.text ?? '',
      chain: one.chainName,
      'chain id': one.chain,
      account: one.account,
      block: one.block === null ? '' : String(one.block),
      transaction: one.hash,
    };
    return columns.map((column) => cell(values[column])).join(',');
  });
  return `${[columns.join(','), ...rows].join('\r\n')}\r\n`;
}

function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
