import type { Hex } from 'viem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JoinedLedger, LedgerProof, SharedLedger } from '#shared/contract/ledger/peers.ts';
import type { ChainRef } from '#shared/model/evm.ts';
import { createWorld, type Run, type Someone, type World } from './testing/world.ts';

const bens: Hex = `0x${'be'.repeat(20)}`;
const word = (amount: bigint) => `0x${amount.toString(16).padStart(64, '0')}`;

let world: World;
let ann: Someone;
let ben: Someone;
let cleo: Someone;
let run: Run;
beforeEach(async () => {
  world = await createWorld();
  ann = await world.add('ann', { ledger: 1 });
  ben = await world.add('ben');
  cleo = await world.add('cleo');
  run = ann.run as Run;
  await run.issue(5n, bens);
  await ann.call('ledger.share', { with: ['ben', 'cleo'], everyone: false });
});
afterEach(() => world.end());

const join = (who: Someone, from = 'ann') => who.call<JoinedLedger>('ledger.join', { from });
const balance = (who: Someone) => {
  // Heads are asked for again after a second.
  world.host.advance(1_001);
  const [chain] = who.peers.source.list();
  return chain?.request(...run.balanceOf(bens)) ?? Promise.reject(new Error('no chain'));
};
const joined = async (who: Someone) => (await who.call<{ ledgers: JoinedLedger[] }>('ledger.joined', {})).ledgers[0];
const proofs = async (who: Someone) => (await who.call<{ proofs: LedgerProof[] }>('ledger.proofs', {})).proofs;

describe('a ledger that is shared with a contact', () => {
  it('is joined, read, and goes on', async () => {
    const ledger = await join(ben);
    expect(ledger).toMatchObject({ contact: 'ann', rests: null, newest: { number: 6, incarnation: 0 } });
    expect(ben.peers.source.list()).toMatchObject([
      { kind: 'contact', contact: 'ann', free: true, confirmations: 0, contracts: ledger.contracts },
    ]);
    expect(await balance(ben)).toBe(word(5n));
    await run.issue(7n, bens);
    expect(await balance(ben)).toBe(word(12n));
    expect((await joined(ben))?.newest.number).toBe(7);
    expect(await ann.call<SharedLedger>('ledger.shared', {})).toMatchObject({
      everyone: false,
      contacts: [
        { contact: 'ben', connected: true },
        { contact: 'cleo', connected: false },
      ],
    });
    await ben.restart();
    expect(await balance(ben)).toBe(word(12n));
    // Joined once more it is the same one.
    expect(await join(ben)).toEqual(await joined(ben));
  });

  it('is joined by its link, and by no other', async () => {
    const { link } = await ann.call<SharedLedger>('ledger.shared', {});
    expect(await join(ben, `  ${link}\n`)).toMatchObject({ contact: 'ann' });
    await expect(join(cleo, `${link?.slice(0, -4)}`)).rejects.toMatchObject({ code: 'LINK_INVALID' });
    await expect(join(ann, link ?? '')).rejects.toMatchObject({ code: 'LINK_INVALID' });
    const other = await world.add('dora', { ledger: 2 });
    await other.call('ledger.share', { with: [], everyone: true });
    const theirs = (await other.call<SharedLedger>('ledger.shared', {})).link ?? '';
    const bytes = Buffer.from((link ?? '').slice(15), 'base64url');
    bytes[172] = (bytes[172] ?? 0) ^ 1;
    await expect(join(cleo, `hypha://ledger/${bytes.toString('base64url')}`)).rejects.toMatchObject({
      code: 'LEDGER_OTHER',
    });
    expect(await join(cleo, theirs)).toMatchObject({ contact: 'dora' });
    expect(cleo.peers.source.list()).toHaveLength(1);
  });

  it('is closed to whoever was not let in, at once when that ends, and open to all when the person says so', async () => {
    const eve = await world.add('eve');
    await expect(join(eve)).rejects.toMatchObject({
      code: 'CHAIN_UNREACHABLE',
      message: expect.stringContaining('does not let you'),
    });
    await join(ben);
    await ann.call('ledger.unshare', { with: ['ben'], everyone: false });
    await expect(balance(ben)).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
    await ann.call('ledger.share', { with: [], everyone: true });
    world.host.advance(2_001);
    expect(await balance(ben)).toBe(word(5n));
    expect(await join(eve)).toMatchObject({ contact: 'ann' });
    await ann.call('ledger.unshare', { with: ['cleo'], everyone: true });
    world.host.advance(2_001);
    await expect(balance(eve)).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
  });

  it('is not joined where its number is that of another chain, or its contracts are not those of Hypha', async () => {
    const chain = ann.run?.own.chain();
    const dora = await world.add('dora', { others: chain ? [chain] : [] });
    await ann.call('ledger.share', { with: ['dora'], everyone: false });
    await expect(join(dora)).rejects.toMatchObject({ code: 'CHAIN_ID_TAKEN' });

    const mallory = await world.add('mallory', { ledger: 3 });
    await mallory.call('ledger.share', { with: [], everyone: true });
    const theirs = mallory.run?.own;
    const contracts = theirs?.chain()?.contracts;
    if (!theirs || !contracts) throw new Error('no ledger');
    const honest = theirs.chain.bind(theirs);
    Object.assign(theirs, { chain: () => ({ ...honest(), contracts: { ...contracts, deals: contracts.nodes } }) });
    await expect(join(ben, 'mallory')).rejects.toMatchObject({ code: 'CONTRACTS_OTHER', data: { contract: 'deals' } });
    expect(ben.peers.source.list()).toEqual([]);
    // Another ledger of the same number cannot take the place of one that was joined.
    Object.assign(theirs, { chain: () => ({ ...honest(), chainId: run.ledger.chainId }) });
    await join(ben);
    await expect(join(ben, 'mallory')).rejects.toMatchObject({ code: 'CHAIN_ID_TAKEN' });
  });

  it('takes what a contact signed, and vouches for the block that it is in', async () => {
    await join(ben);
    world.host.advance(1_001);
    const [chain] = ben.peers.source.list();
    const person = (await import('#core/evm/testing/person.ts')).testPerson(0xbe, Number(run.ledger.chainId));
    const raw = `0x${Buffer.from(await person.sign({ to: bens })).toString('hex')}`;
    const hash = await chain?.request('eth_sendRawTransaction', [raw]);
    expect(await chain?.request('eth_getTransactionReceipt', [hash])).toMatchObject({
      status: '0x1',
      blockNumber: '0x7',
    });
    expect((await joined(ben))?.newest.number).toBe(7);
    await expect(chain?.request('eth_sendRawTransaction', [raw])).rejects.toMatchObject({
      code: 'CHAIN_SAID',
      data: { code: -32_003 },
    });
    // Nothing is taken that the operator cannot sign for.
    run.locked = true;
    const second = `0x${Buffer.from(await person.sign({ to: bens })).toString('hex')}`;
    await expect(chain?.request('eth_sendRawTransaction', [second])).rejects.toMatchObject({
      code: 'CHAIN_UNREACHABLE',
    });
    expect(run.ledger.records.newest()?.number).toBe(7);
  });

  it('answers nothing while either side is locked, and goes on afterwards', async () => {
    await join(ben);
    ben.locked = true;
    await expect(balance(ben)).rejects.toMatchObject({
      code: 'CHAIN_UNREACHABLE',
      message: expect.stringContaining('locked'),
    });
    ben.locked = false;
    run.locked = true;
    await expect(balance(ben)).rejects.toMatchObject({
      code: 'CHAIN_UNREACHABLE',
      message: expect.stringContaining('locked'),
    });
    run.locked = false;
    expect(await balance(ben)).toBe(word(5n));
  });
});

describe('an operator who tells two stories', () => {
  it('is caught by two heads of one number, for ever, and anybody can check the proof', async () => {
    await join(ben);
    const other = await run.copy();
    await run.issue(7n, bens);
    expect(await balance(ben)).toBe(word(12n));
    run.ledger = other;
    await run.issue(1n, bens);
    await expect(balance(ben)).rejects.toMatchObject({ code: 'CHAIN_RESTS', data: { why: 'lie' } });
    expect(await joined(ben)).toMatchObject({ rests: { why: 'lie' } });
    const [proof] = await proofs(ben);
    expect(proof).toMatchObject({ contact: 'ann', blocks: [7, 7] });
    expect(await cleo.call('ledger.checkProof', { proof: proof?.proof })).toMatchObject({
      person: ann.person,
      blocks: [7, 7],
      proves: true,
    });
    expect(ben.peers.notices()).toMatchObject([{ code: 'LEDGER_RESTS' }]);
    await ben.restart();
    await expect(balance(ben)).rejects.toMatchObject({ code: 'CHAIN_RESTS' });
    // Left and joined again it is the same liar.
    await ben.call('ledger.leave', { chain: (await joined(ben))?.chain });
    await expect(join(ben)).rejects.toMatchObject({ code: 'CHAIN_RESTS' });
    expect(await proofs(ben)).toHaveLength(1);
  });

  it('is caught by blocks that do not go on from those that were shown', async () => {
    await join(ben);
    const other = await run.copy();
    await run.issue(7n, bens);
    expect(await balance(ben)).toBe(word(12n));
    run.ledger = other;
    for (let i = 0; i < 3; i += 1) await run.issue(1n, bens);
    await expect(balance(ben)).rejects.toMatchObject({ code: 'CHAIN_RESTS', data: { why: 'lie' } });
    const [proof] = await proofs(ben);
    expect(proof?.blocks).toEqual([7, 9]);
    expect(await cleo.call('ledger.checkProof', { proof: proof?.proof })).toMatchObject({ proves: true });
  });

  it('is caught when two people compare what they were shown', async () => {
    await join(ben);
    await join(cleo);
    const other = await run.copy();
    await run.issue(7n, bens);
    await balance(ben);
    run.ledger = other;
    await run.issue(1n, bens);
    expect(await balance(cleo)).toBe(word(6n));
    const chain = (await joined(cleo))?.chain;
    const { head } = await cleo.call<{ head: string }>('ledger.head', { chain });
    const { head: same } = await ben.call<{ head: string }>('ledger.head', { chain });
    expect(await ben.call('ledger.compareHead', { head: same })).toEqual({ chain, same: true });
    expect(await ben.call('ledger.compareHead', { head })).toEqual({ chain, same: false });
    expect(await joined(ben)).toMatchObject({ rests: { why: 'lie' } });
    expect(await joined(cleo)).toMatchObject({ rests: null });
    // Nobody can make such a head up.
    const forged = Buffer.from(head.slice(20), 'base64url');
    forged[200] = (forged[200] ?? 0) ^ 1;
    await expect(
      cleo.call('ledger.compareHead', { head: `hypha://ledger-head/${forged.toString('base64url')}` }),
    ).rejects.toMatchObject({ code: 'CHAIN_WRONG' });
  });
});

describe('a ledger that was put back from an older copy', () => {
  it('rests until the person accepts that', async () => {
    await join(ben);
    const older = await run.copy();
    await run.issue(7n, bens);
    expect(await balance(ben)).toBe(word(12n));
    run.ledger = older;
    run.incarnation = 1;
    await expect(balance(ben)).rejects.toMatchObject({ code: 'CHAIN_RESTS', data: { why: 'put back' } });
    const resting = await joined(ben);
    expect(resting).toMatchObject({ rests: { why: 'put back' }, newest: { number: 7 } });
    await ben.restart();
    await expect(balance(ben)).rejects.toMatchObject({ code: 'CHAIN_RESTS' });
    expect(await ben.call('ledger.accept', { chain: resting?.chain })).toMatchObject({
      rests: null,
      newest: { number: 6, incarnation: 1 },
    });
    expect(await balance(ben)).toBe(word(5n));
    await run.issue(2n, bens);
    expect(await balance(ben)).toBe(word(7n));
    await expect(ben.call('ledger.accept', { chain: resting?.chain })).rejects.toMatchObject({
      code: 'NOTHING_TO_ACCEPT',
    });
    expect(await proofs(ben)).toEqual([]);
  });

  it('rests also when that is not said, and goes on when the blocks are there again', async () => {
    await join(ben);
    const whole = run.ledger;
    const older = await run.copy();
    await run.issue(7n, bens);
    await balance(ben);
    run.ledger = older;
    await expect(balance(ben)).rejects.toMatchObject({ code: 'CHAIN_RESTS', data: { why: 'behind' } });
    run.ledger = whole;
    expect(await balance(ben)).toBe(word(12n));
  });
});

describe('the way to a contact’s ledger', () => {
  it('is found again after it was cut, in the middle of an answer too', async () => {
    await join(ben);
    for (const line of world.lines) line.destroy();
    expect(await balance(ben)).toBe(word(5n));
    let cuts = 2;
    world.between.connect = (dialled, accepted) => {
      const write = accepted.write.bind(accepted);
      accepted.write = (...what: unknown[]) => {
        if (cuts-- <= 0) return (write as (...all: unknown[]) => boolean)(...what);
        dialled.destroy();
        return true;
      };
    };
    for (const line of world.lines) line.destroy();
    await expect(balance(ben)).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
    expect(await balance(ben)).toBe(word(5n));
  });

  it('is given up when nobody answers', async () => {
    await join(ben);
    world.between.connect = (_dialled, accepted) => {
      accepted.read = () => null;
      accepted.push = () => true;
    };
    for (const line of world.lines) line.destroy();
    const asked = balance(ben);
    asked.catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    world.host.advance(31_000);
    await expect(asked).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
  });

  it('carries nothing but what is meant for contacts, and no line without an end', async () => {
    await join(ben);
    const [chain] = ben.peers.source.list();
    await expect(chain?.request('eth_newBlockFilter')).rejects.toMatchObject({
      code: 'CHAIN_SAID',
      data: { code: -32_601 },
    });
    const line = world.dial('ben', 'ann');
    const answers: string[] = [];
    line.on('data', (bytes: Buffer) => answers.push(bytes.toString()));
    const heard = () => answers.join('');
    line.write('{"jsonrpc":"2.0","id":"x","method":"eth_getLogs","params":[{}]}\n');
    await expect.poll(heard).toContain('eth_getLogs is not for contacts');
    line.write(
      '[{"jsonrpc":"2.0","id":"y","method":"debug_dbGet"},{"jsonrpc":"2.0","id":"z","method":"eth_accounts"}]\n',
    );
    await expect.poll(heard).toContain('eth_accounts is not for contacts');
    line.write('what is this\n');
    await expect.poll(heard).toContain('-32700');
    line.write('{"jsonrpc":"2.0","id":7,"method":"hypha_head","params":["0x12"]}\n');
    await expect.poll(heard).toContain('-32602');
    const long = world.dial('ben', 'ann');
    const ended = new Promise((resolve) => long.once('close', resolve));
    const flood = 'x'.repeat(64 * 1024);
    for (let i = 0; i < 9; i += 1) long.write(flood);
    await ended;
    expect(await balance(ben)).toBe(word(5n));
  });

  it('is told apart from others by the contact alone: nothing of names or people lies in the database', async () => {
    const ledger = await join(ben);
    await ben.peers.stop();
    const { readFile } = await import('node:fs/promises');
    const { join: path } = await import('node:path');
    const bytes = await readFile(path(ben.home, 'ledger', 'peers.db'), 'latin1');
    expect(bytes).toContain(ledger.chain as ChainRef);
    expect(bytes).not.toContain(ann.person);
    await ben.restart().catch(() => {});
  });
});
