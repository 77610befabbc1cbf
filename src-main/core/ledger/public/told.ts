/*
 * What servers tell of a chain, as far as the truth of it can be held against what others tell. What is asked "as of the newest
 * block" differs between honest servers at any moment and is not compared.
 */

/** A receipt or a block in one text that is the same for the same thing, whatever else servers add to it; null for no such thing. */
export function sameness(method: string, result: unknown): string | null {
  if (result === null || typeof result !== 'object') return null;
  const one = result as Record<string, unknown>;
  if (method === 'eth_getTransactionReceipt') {
    const { transactionHash, blockHash, status, contractAddress, logs } = one;
    const said = Array.isArray(logs) ? logs.map(logOf) : null;
    return low([transactionHash, blockHash, status, contractAddress ?? null, said]);
  }
  if (method === 'eth_getLogs') return Array.isArray(result) ? low(result.map(logOf)) : null;
  return low([one.hash]);
}

const logOf = (log: unknown): unknown => {
  const { address, topics, data, blockHash, logIndex } = (log ?? {}) as Record<string, unknown>;
  return [address, topics, data, blockHash, logIndex];
};
const low = (value: unknown): string => JSON.stringify(value).toLowerCase();

/** The newest block that an answer hangs on; null where it is not one that can be compared. */
export function reachOf(method: string, params: readonly unknown[], results: readonly unknown[]): number | null {
  if (method === 'eth_getTransactionReceipt') {
    const blocks = results.flatMap((one) =>
      one === null ? [] : [numberIn((one as { blockNumber?: unknown }).blockNumber)],
    );
    return blocks.length === 0 || blocks.some((one) => one === null) ? null : Math.max(...(blocks as number[]));
  }
  if (method === 'eth_getBlockByNumber') return numberIn(params[0]);
  if (method === 'eth_getLogs') return numberIn((params[0] as { toBlock?: unknown } | undefined)?.toBlock);
  return null;
}

/** Money hangs on these: they are asked of two servers where there are two. */
export const compared: ReadonlySet<string> = new Set([
  'eth_getTransactionReceipt',
  'eth_getBlockByNumber',
  'eth_getLogs',
]);

/** Why an answer cannot be to its question, whoever gives it; null when it can. */
export function impossible(method: string, params: readonly unknown[], result: unknown): string | null {
  if (result === null) return null;
  const one = result as Record<string, unknown>;
  if (method === 'eth_getTransactionReceipt' && one.transactionHash !== params[0])
    return 'it showed the receipt of another transaction';
  if (method === 'eth_getTransactionByHash' && one.hash !== params[0]) return 'it showed another transaction';
  if (method === 'eth_getBlockByHash' && one.hash !== params[0]) return 'it showed another block';
  const wanted = numberIn(params[0]);
  if (method === 'eth_getBlockByNumber' && wanted !== null && numberIn(one.number) !== wanted)
    return 'it showed another block';
  return null;
}

export function numberIn(value: unknown): number | null {
  return typeof value === 'string' && /^0x[0-9a-fA-F]{1,13}$/.test(value) ? Number(value) : null;
}
