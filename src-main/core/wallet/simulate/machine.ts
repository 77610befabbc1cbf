import { createBlock } from '@ethereumjs/block';
import { type Common, createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM } from '@ethereumjs/evm';
import { createTx } from '@ethereumjs/tx';
import { bytesToHex, createAddressFromString, EthereumJSError, hexToBytes } from '@ethereumjs/util';
import { createVM, type RunTxResult, runTx } from '@ethereumjs/vm';
import type { Hex } from 'viem';
import { rulesOf } from '#core/evm/own-rules.ts';
import type { Ask, Job, Log, Refusal, Result, TokenFacts, TokenKind } from './protocol.ts';
import { type Remote, remoteState, StateOver } from './remote-state.ts';
import { type Allowed, allowedBy, allowedNow, balanceOf, factsOf, type Moved, movedBy, type View } from './tokens.ts';

/** Gas that a trial may use, as much as a whole block of Ethereum’s had for long, and one question to a token. */
const mostGas = 30_000_000n;
const viewGas = 1_000_000n;
/** What is measured beyond this a person would not read either. */
const mostHolders = 48;
const mostGrants = 24;
const nobody: Hex = `0x${'0'.repeat(40)}`;

/** Try a call as the next transaction after a block. Nothing of it goes anywhere. @throws Fail of the chain, CHAIN_WRONG for a false proof */
export async function tryCall(job: Job, ask: Ask): Promise<Result> {
  const common = job.rules === 'own' ? rulesOf(job.chainId) : publicRules(job.chainId);
  const remote = remoteState(ask, job.block);
  const before = await machineOver(job, common, remote, ask);
  const machine = await machineOver(job, common, remote, ask);
  const { call } = job;
  const sender = createAddressFromString(call.from);
  const has = (await remote.account(sender))?.balance ?? 0n;
  const contracts: Hex[] = [];
  for (const one of [call.to, call.from]) {
    if (one !== null && (await remote.code(createAddressFromString(one))).length > 0) contracts.push(one);
  }
  const nothing = {
    returned: '0x' as Hex,
    created: null,
    logs: [],
    coin: [],
    changes: [],
    granted: [],
    tokens: [],
    contracts,
  };
  const refused = (refusal: Refusal, gas: bigint): Result => ({ ...nothing, refusal, gas, proven: remote.proven() });
  if (has < call.value) return refused({ kind: 'money', has }, 0n);
  let done: RunTxResult;
  try {
    done = await machine.send((await remote.account(sender))?.nonce ?? 0n);
  } catch (error) {
    // No transaction at all: too little gas to begin, too much code.
    if (!(error instanceof EthereumJSError)) throw error;
    return refused({ kind: 'halted', error: error.message.replace(/\s*\(vm hf.*$/s, '') }, 0n);
  }
  const { exceptionError, returnValue } = done.execResult;
  if (exceptionError !== undefined) {
    const data = bytesToHex(returnValue);
    return exceptionError.error === 'revert'
      ? refused({ kind: 'reverted', data }, done.totalGasSpent)
      : refused({ kind: 'halted', error: exceptionError.error }, done.totalGasSpent);
  }
  const logs: Log[] = (done.execResult.logs ?? []).map(([address, topics, data]) => ({
    address: bytesToHex(address),
    topics: topics.map((topic) => bytesToHex(topic)),
    data: bytesToHex(data),
  }));
  const { changes, tokens } = await measured(job, logs, before.view, machine.view);
  const granted = await grantsIn(logs, before.view, machine.view);
  for (const { token, of } of granted) {
    if (!tokens.has(token)) tokens.set(token, await factsOf(machine.view, token, of));
  }
  return {
    refusal: null,
    gas: done.totalGasSpent,
    returned: bytesToHex(returnValue),
    created: (done.createdAddress?.toString() as Hex | undefined) ?? null,
    logs,
    coin: await coinChanges(machine.state, remote),
    changes,
    granted,
    tokens: [...tokens.values()],
    contracts,
    proven: remote.proven(),
  };
}

const publicRules = (chainId: bigint): Common =>
  createCustomCommon({ chainId: Number(chainId), name: 'public' }, Mainnet, { hardfork: Hardfork.Prague });

async function machineOver(job: Job, common: Common, remote: Remote, ask: Ask) {
  const state = new StateOver(remote, common);
  const blockchain = {
    async getBlock(number: number) {
      const block = (await ask('eth_getBlockByNumber', [`0x${number.toString(16)}`, false])) as { hash?: Hex } | null;
      return { hash: () => hexToBytes(block?.hash ?? `0x${'0'.repeat(64)}`) };
    },
    async putBlock() {},
    shallowCopy: () => blockchain,
  };
  const evm = await createEVM({ common, stateManager: state, blockchain });
  const vm = await createVM({ common, stateManager: state, blockchain, evm });
  const gasLimit = job.block.gasLimit < mostGas ? job.block.gasLimit : mostGas;
  const block = createBlock(
    {
      header: {
        number: job.block.number + 1n,
        timestamp: job.at,
        gasLimit: job.block.gasLimit,
        coinbase: job.block.coinbase,
        mixHash: job.block.mixHash,
        // The fee is the wallet’s to choose and is shown by itself: here gas is free, so that what remains is what the call does.
        baseFeePerGas: 0n,
      },
    },
    { common },
  );
  const { call } = job;
  return {
    state,
    send(nonce: bigint): Promise<RunTxResult> {
      const tx = createTx(
        {
          type: 2,
          to: call.to ?? undefined,
          data: hexToBytes(call.data),
          value: call.value,
          nonce,
          gasLimit,
          maxFeePerGas: 0n,
          maxPriorityFeePerGas: 0n,
          chainId: job.chainId,
        },
        { common, freeze: false },
      );
      const sender = createAddressFromString(call.from);
      tx.getSenderAddress = () => sender;
      return runTx(vm, { tx, block, skipBlockGasLimitValidation: true });
    },
    view: (async (to, data) => {
      await state.checkpoint();
      try {
        const { execResult } = await evm.runCall({
          caller: createAddressFromString(nobody),
          to: createAddressFromString(to),
          data: hexToBytes(data),
          gasLimit: viewGas,
          isStatic: true,
          block,
        });
        return execResult.exceptionError === undefined ? bytesToHex(execResult.returnValue) : null;
      } finally {
        await state.revert();
      }
    }) satisfies View as View,
  };
}

/** By the difference, so that no way of moving it is missed. */
async function coinChanges(state: StateOver, remote: Remote): Promise<Result['coin']> {
  const changes: { holder: Hex; change: bigint }[] = [];
  for (const [holder, account] of state.touched()) {
    const had = (await remote.account(createAddressFromString(holder)))?.balance ?? 0n;
    const change = (account?.balance ?? 0n) - had;
    if (change !== 0n) changes.push({ holder: holder as Hex, change });
  }
  return changes;
}

/** What logs say was moved, and what the tokens answer to it before and after. */
async function measured(job: Job, logs: readonly Log[], before: View, after: View) {
  const said = new Map<string, { moved: Moved; holder: Hex; said: bigint }>();
  const note = (moved: Moved, holder: Hex, amount: bigint) => {
    if (holder === nobody) return;
    const key = `${moved.token} ${moved.kind} ${moved.id} ${holder}`;
    const known = said.get(key);
    said.set(key, { moved, holder, said: (known?.said ?? 0n) + amount });
  };
  for (const token of new Set([...job.watch, ...(job.call.to === null ? [] : [job.call.to])])) {
    note({ token, kind: 'erc20', id: null, from: nobody, to: nobody, amount: 0n }, job.call.from, 0n);
  }
  for (const moved of logs.flatMap(movedBy)) {
    note(moved, moved.from, -moved.amount);
    note(moved, moved.to, moved.amount);
  }
  // The sender's own first: those must not fall out because somebody wrote many logs.
  const all = [...said.values()].sort(
    (a, b) => Number(b.holder === job.call.from) - Number(a.holder === job.call.from),
  );
  const tokens = new Map<Hex, TokenFacts>();
  const changes: Result['changes'][number][] = [];
  for (const { moved, holder, said: amount } of all.slice(0, mostHolders)) {
    const counted = moved.kind === 'erc1155' ? moved.id : null;
    const [had, has] = [
      await balanceOf(before, moved.token, holder, counted),
      await balanceOf(after, moved.token, holder, counted),
    ];
    // Of a collection one balance counts all items: it cannot tell one from another.
    const difference = had === null && has === null ? null : (has ?? 0n) - (had ?? 0n);
    const measuredHere = moved.kind === 'erc721' ? null : difference;
    if (amount === 0n && (measuredHere === null || measuredHere === 0n)) continue;
    changes.push({ token: moved.token, kind: moved.kind, id: moved.id, holder, said: amount, measured: measuredHere });
    if (!tokens.has(moved.token)) tokens.set(moved.token, await factsOf(after, moved.token, moved.kind as TokenKind));
  }
  return { changes, tokens };
}

/** Each right that a log speaks of, as it is afterwards; those that the call leaves as they were are left out. */
async function grantsIn(logs: readonly Log[], before: View, after: View): Promise<Result['granted']> {
  const named = new Map<string, Allowed>();
  for (const allowed of logs.map(allowedBy)) {
    if (allowed === null) continue;
    named.set(`${allowed.token} ${allowed.kind} ${allowed.owner} ${allowed.spender} ${allowed.id}`, allowed);
  }
  const granted: Result['granted'][number][] = [];
  for (const allowed of [...named.values()].slice(0, mostGrants)) {
    const now = await allowedNow(after, allowed);
    if (now !== null && now !== (await allowedNow(before, allowed))) granted.push({ ...allowed, amount: now });
  }
  return granted;
}
