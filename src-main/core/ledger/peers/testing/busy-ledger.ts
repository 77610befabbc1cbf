import { encodeFunctionData, type Hex } from 'viem';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import { testPerson } from '#core/evm/testing/person.ts';
import type { Host } from '#core/host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { type Ledger, openLedger } from '../../chain/ledger.ts';
import { createRpcSession, type RpcSession } from '../../rpc/answer.ts';
import { PeerSaid } from '../wire/asking.ts';

export const ben: Hex = `0x${'be'.repeat(20)}`;
export const record: Hex = `0x${'77'.repeat(32)}`;

/** A ledger on which something went on: contracts put, credits issued, a call that was refused, several in one block. */
export async function openBusyLedger(host: Host) {
  const ledger = openLedger({ path: ':memory:', host, log: silentLog, operator: new Uint8Array(20).fill(7) });
  const session = createRpcSession(ledger, () => host.now(), silentLog);
  const ann = testPerson(0xa11, Number(ledger.chainId));
  const mallory = testPerson(0xbad, Number(ledger.chainId));
  await ledger.submit(await ann.deploy(credits, ['Credits issued by Ann', 'CREDITS', ann.account.address]));
  const to = `0x${Buffer.from(ledger.records.txsOf(1)[0]?.created ?? []).toString('hex')}` as Hex;
  const issue = (amount: bigint, who: Hex = ben) =>
    encodeFunctionData({ abi: credits.abi, functionName: 'issue', args: [who, amount, record] });
  const issueTo = async (amount: bigint, who: Hex = ben): Promise<Uint8Array> =>
    ann.sign({ to, data: issue(amount, who) });
  await ledger.submit(await ann.deploy(names, [0n]));
  await Promise.all(
    [
      await issueTo(5n),
      await mallory.sign({ to, data: issue(9n) }),
      await issueTo(7n, ann.account.address),
      await ann.sign({ data: '0x5f5ff3' }),
    ].map((raw) => ledger.submit(raw)),
  );
  await ledger.submit(await issueTo(11n));
  return { ledger, session, ann, mallory, credits: to, issueTo, ask: asker(session) };
}

/** A question, and its answer or a throw, as clients have it. */
export const asker =
  (session: RpcSession) =>
  async (method: string, params: readonly unknown[] = []): Promise<unknown> => {
    const text = await session.ask(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    const answer = JSON.parse(text ?? 'null');
    if (answer.error) throw new PeerSaid(answer.error.code, answer.error.message, answer.error.data);
    return answer.result;
  };

export type BusyLedger = Awaited<ReturnType<typeof openBusyLedger>> & { readonly ledger: Ledger };
