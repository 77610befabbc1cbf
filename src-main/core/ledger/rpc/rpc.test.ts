import { createBlockFromRLP } from '@ethereumjs/block';
import { MerklePatriciaTrie } from '@ethereumjs/mpt';
import fc from 'fast-check';
import {
  createPublicClient,
  createWalletClient,
  custom,
  defineChain,
  type Hex,
  keccak256,
  toBytes,
  toHex,
  toRlp,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import { createFakeHost, type FakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { type Ledger, openLedger } from '../chain/ledger.ts';
import { createRpcSession, type RpcSession } from './answer.ts';

let ledger: Ledger;
let host: FakeHost;
let session: RpcSession;
const why: Hex = `0x${'77'.repeat(32)}`;
const ben: Hex = `0x${'be'.repeat(20)}`;

beforeEach(() => {
  host = createFakeHost();
  ledger = openLedger({ path: ':memory:', host, log: silentLog, operator: new Uint8Array(20).fill(7) });
  session = createRpcSession(ledger, () => host.now(), silentLog);
});
afterEach(() => ledger.close());

const ask = async (method: string, ...params: unknown[]) => {
  const answer = JSON.parse((await session.ask(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))) ?? 'null');
  if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
  return answer.result;
};

/** A library that people use with public chains, and nothing of ours on its side. */
function clients() {
  const chain = defineChain({
    id: Number(ledger.chainId),
    name: 'own',
    nativeCurrency: { name: 'none', symbol: 'NONE', decimals: 18 },
    rpcUrls: { default: { http: [] } },
  });
  const transport = custom(
    { request: ({ method, params }) => ask(method, ...((params ?? []) as unknown[])) },
    { retryCount: 0 },
  );
  const account = privateKeyToAccount(`0x${'a1'.repeat(32)}`);
  const reader = createPublicClient({ chain, transport, pollingInterval: 1, cacheTime: 0 });
  return { reader, writer: createWalletClient({ chain, transport, account }), account };
}

async function issuer() {
  const { reader, writer, account } = clients();
  const args = ['Credits issued by Ann', 'CREDITS', account.address] as const;
  const made = await writer.deployContract({ abi: credits.abi, bytecode: credits.bytecode, args });
  const { contractAddress } = await reader.waitForTransactionReceipt({ hash: made });
  if (!contractAddress) throw new Error('no contract');
  const contract = { address: contractAddress, abi: credits.abi } as const;
  const issue = async (amount: bigint) =>
    reader.waitForTransactionReceipt({
      hash: await writer.writeContract({ ...contract, functionName: 'issue', args: [ben, amount, why] }),
    });
  return { reader, writer, account, contract, issue };
}

describe('the JSON-RPC of an own ledger', () => {
  it('answers of now what is asked of the newest state, and of then what is asked of a block', async () => {
    const { reader, writer, account } = clients();
    const made = await writer.deployContract({ abi: names.abi, bytecode: names.bytecode, args: [0n] });
    const { contractAddress: address } = await reader.waitForTransactionReceipt({ hash: made });
    if (!address) throw new Error('no contract');
    const [label, owner, term] = ['anna', account.address, 1_000n] as const;
    const contract = { address, abi: names.abi } as const;
    const commitment = await reader.readContract({
      ...contract,
      functionName: 'commitmentOf',
      args: [label, owner, term, why, why],
    });
    const sent = await writer.writeContract({ ...contract, functionName: 'commit', args: [commitment] });
    const { blockNumber } = await reader.waitForTransactionReceipt({ hash: sent });
    const register = { ...contract, functionName: 'register', args: [label, owner, term, why, why], account } as const;
    await expect(reader.simulateContract(register)).rejects.toThrow('TooSoon');
    host.advance(90_000);
    // No block was made meanwhile, and none will be before somebody may send one.
    await reader.simulateContract(register);
    await expect(reader.estimateContractGas(register)).resolves.toBeGreaterThan(21_000n);
    await expect(reader.simulateContract({ ...register, blockNumber })).rejects.toThrow('TooSoon');
  });

  it('serves a client made for public chains: it deploys, writes, reads, estimates and finds events', async () => {
    const { reader, account, contract, issue } = await issuer();
    const receipt = await issue(5n);
    expect(receipt).toMatchObject({ status: 'success', from: account.address.toLowerCase(), effectiveGasPrice: 0n });
    expect(await reader.readContract({ ...contract, functionName: 'balanceOf', args: [ben] })).toBe(5n);
    await issue(7n);
    const at = { ...contract, functionName: 'balanceOf', args: [ben], blockNumber: receipt.blockNumber } as const;
    expect(await reader.readContract(at)).toBe(5n);
    const events = await reader.getContractEvents({ ...contract, eventName: 'Issued', fromBlock: 0n });
    expect(events.map(({ args }) => args.amount)).toEqual([5n, 7n]);
    expect(
      await reader.getContractEvents({
        ...contract,
        eventName: 'Issued',
        args: { to: account.address },
        fromBlock: 0n,
      }),
    ).toEqual([]);
    const tx = await reader.getTransaction({ hash: receipt.transactionHash });
    expect(tx).toMatchObject({ type: 'eip1559', nonce: 1, gasPrice: 0n, blockHash: receipt.blockHash });
    const block = await reader.getBlock({ blockHash: receipt.blockHash, includeTransactions: true });
    expect(block.transactions[0]).toMatchObject({ hash: receipt.transactionHash });
    // A block's hash is that of its header, so a client can check it.
    expect(keccak256(ledger.records.byNumber(2)?.header ?? new Uint8Array())).toBe(block.hash);
    expect(await reader.getTransactionCount({ address: account.address })).toBe(3);
    expect(await reader.getCode({ address: contract.address })).toMatch(/^0x60/);
    expect(BigInt((await reader.getStorageAt({ address: contract.address, slot: toHex(2) })) ?? 0)).toBe(12n);
    expect(await reader.getFeeHistory({ blockCount: 2, rewardPercentiles: [50] })).toMatchObject({
      baseFeePerGas: [0n, 0n, 0n],
    });
  });

  it('proves accounts, slots, blocks and receipts to whoever knows the hash of a block', async () => {
    const { reader, contract, issue } = await issuer();
    await issue(5n);
    const block = await reader.getBlock({ includeTransactions: true });
    const proof = await reader.getProof({ address: contract.address, storageKeys: [toHex(2), toHex(99)] });
    expect(keccak256(proof.accountProof[0] ?? '0x')).toBe(block.stateRoot);
    expect(keccak256(proof.storageProof[0]?.proof[0] ?? '0x')).toBe(proof.storageHash);
    expect(proof.storageProof.map(({ value }) => value)).toEqual([5n, 0n]);
    expect(await reader.getProof({ address: `0x${'99'.repeat(20)}`, storageKeys: [toHex(1)] })).toMatchObject({
      balance: 0n,
      storageProof: [{ value: 0n, proof: [] }],
    });
    // Nodes and codes are found by their hashes, and nothing else is.
    expect(await ask('debug_dbGet', block.stateRoot)).toBe(proof.accountProof[0]);
    expect(keccak256(await ask('debug_dbGet', proof.codeHash))).toBe(proof.codeHash);
    await expect(ask('debug_dbGet', why)).rejects.toMatchObject({ code: -32_001 });

    const { rules } = ledger;
    const whole = createBlockFromRLP(toBytes(await ask('debug_getRawBlock', 'latest')), { common: rules });
    expect(toHex(whole.hash())).toBe(block.hash);
    expect(await whole.transactionsTrieIsValid()).toBe(true);
    expect(whole.transactions.map((tx) => toHex(tx.hash()))).toEqual(block.transactions.map(({ hash }) => hash));
    expect(await ask('debug_getRawHeader', block.hash === null ? '' : { blockHash: block.hash })).toBe(
      toHex(whole.header.serialize()),
    );
    const receipts = new MerklePatriciaTrie();
    for (const [i, receipt] of ((await ask('debug_getRawReceipts', 'latest')) as Hex[]).entries())
      await receipts.put(toBytes(toRlp(i === 0 ? '0x' : toHex(i))), toBytes(receipt));
    expect(toHex(receipts.root())).toBe(block.receiptsRoot);
  });

  it('says why a contract refused, before anything is signed', async () => {
    const { reader, contract } = await issuer();
    const issue = { ...contract, functionName: 'issue', args: [ben, 1n, why], account: ben } as const;
    await expect(reader.simulateContract(issue)).rejects.toThrow('NotIssuer');
    await expect(reader.estimateContractGas(issue)).rejects.toThrow('NotIssuer');
  });

  it('estimates what is enough, and a little less is not', async () => {
    const { reader, writer, account } = clients();
    const data = { abi: names.abi, bytecode: names.bytecode, args: [0n] } as const;
    const hash = await writer.deployContract(data);
    const { gasUsed } = await reader.getTransactionReceipt({ hash });
    const tx = await reader.getTransaction({ hash });
    const gas = await reader.estimateGas({ account, data: tx.input });
    expect(gas).toBeGreaterThanOrEqual(gasUsed);
    expect(gas).toBeLessThan((gasUsed * 104n) / 100n);
    const tight = await writer.sendTransaction({ data: tx.input, gas });
    expect((await reader.getTransactionReceipt({ hash: tight })).status).toBe('success');
    const short = await writer.sendTransaction({ data: tx.input, gas: (gasUsed * 97n) / 100n });
    expect((await reader.getTransactionReceipt({ hash: short })).status).toBe('reverted');
  });

  it('keeps filters, which tell what came since', async () => {
    const { contract, issue } = await issuer();
    const logs = await ask('eth_newFilter', { address: contract.address });
    const blocks = await ask('eth_newBlockFilter');
    expect(await ask('eth_getFilterChanges', logs)).toEqual([]);
    await issue(5n);
    expect(await ask('eth_getFilterChanges', logs)).toHaveLength(2);
    expect(await ask('eth_getFilterChanges', blocks)).toHaveLength(1);
    expect(await ask('eth_getFilterChanges', logs)).toEqual([]);
    expect(await ask('eth_getFilterLogs', logs)).toHaveLength(2);
    host.setNow(host.now() + 6 * 60_000);
    await ask('eth_newBlockFilter');
    await expect(ask('eth_getFilterChanges', logs)).rejects.toMatchObject({ code: -32_001 });
    for (let i = 0; i < 99; i += 1) await ask('eth_newBlockFilter');
    await expect(ask('eth_newBlockFilter')).rejects.toMatchObject({ code: -32_005 });
  });

  it('speaks JSON-RPC 2.0: batches, notifications, and a code for each way to be wrong', async () => {
    const raw = async (text: string) => JSON.parse((await session.ask(text)) ?? 'null');
    expect(await raw('{')).toMatchObject({ id: null, error: { code: -32_700 } });
    expect(await raw('[]')).toMatchObject({ error: { code: -32_600 } });
    expect(await raw('{"id":4}')).toMatchObject({ id: 4, error: { code: -32_600 } });
    expect(await raw('{"jsonrpc":"2.0","id":4,"method":"eth_sign"}')).toMatchObject({ error: { code: -32_601 } });
    expect(await raw('{"jsonrpc":"2.0","id":"x","method":"eth_getBalance","params":["0x12"]}')).toMatchObject({
      id: 'x',
      error: { code: -32_602 },
    });
    expect(await raw('{"jsonrpc":"2.0","method":"eth_chainId"}')).toBeNull();
    const two = '[{"jsonrpc":"2.0","id":1,"method":"eth_chainId"},{"jsonrpc":"2.0","method":"eth_chainId"},7]';
    expect(await raw(two)).toMatchObject([{ id: 1 }, { error: { code: -32_600 } }]);
    expect(await raw(JSON.stringify(Array.from({ length: 101 }, () => 1)))).toMatchObject({ error: { code: -32_005 } });
    expect(await raw(`"${'x'.repeat(1 << 20)}"`)).toMatchObject({ error: { code: -32_005 } });
  });

  it('answers anything that is asked with an answer, and never by what the ledger is made of', async () => {
    const methods = [
      'eth_call',
      'eth_getLogs',
      'eth_getBlockByNumber',
      'eth_feeHistory',
      'eth_getStorageAt',
      'eth_sendRawTransaction',
      'eth_estimateGas',
      'eth_newFilter',
      'eth_getProof',
      'debug_getRawBlock',
      'debug_getRawReceipts',
      'debug_dbGet',
      'constructor',
      '__proto__',
    ];
    const param = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('latest', '0x1', '0xffffffffffffffffff', ben, why),
      fc.dictionary(
        fc.constantFrom('to', 'data', 'fromBlock', 'topics', 'blockHash', 'gas'),
        fc.oneof(fc.jsonValue(), fc.constantFrom('latest', '0x0', ben, why)),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...methods), fc.array(param, { maxLength: 3 }), async (method, params) => {
        const text = await session.ask(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
        const answer = JSON.parse(text ?? 'null');
        expect(answer).toMatchObject({ jsonrpc: '2.0', id: 1 });
        expect(answer.error?.code).not.toBe(-32_603);
      }),
      {
        numRuns: 400,
        examples: [
          ['eth_call', [{ gas: '0x0' }]],
          // Nothing of JSON can be asked for its text without a look at what it is.
          ['eth_call', [{}, { toString: false }]],
          ['eth_getFilterLogs', [{ toString: false }]],
          ['eth_uninstallFilter', [{ toString: false }]],
          ['eth_getBlockByNumber', [['latest'], false]],
          ['eth_call', [{ data: `0x${'00'.repeat(60_000)}` }]],
        ],
      },
    );
  });
});
