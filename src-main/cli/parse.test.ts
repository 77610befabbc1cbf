import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentContract } from '#shared/contract/agent.ts';
import type { Contract } from '#shared/rpc/contract.ts';
import { fieldsOf, kebab } from './fields.ts';
import { commandsOf, findCommand, joinVerb } from './grammar.ts';
import { pathInputs } from './inputs.ts';
import { parseFile, parseSize, parseTime, parseValue, parseWords, splitGlobals } from './parse.ts';
import { UsageError } from './usage.ts';

const contract = agentContract as Contract;
const commands = commandsOf(contract);

function parse(line: string) {
  const { globals, rest } = splitGlobals(line.split(' '));
  const [domain = '', verb, ...words] = rest;
  const found = findCommand(commands, domain, verb);
  if (found.kind !== 'command') throw new UsageError(`${found.kind} ${'word' in found ? found.word : ''}`);
  const { spec, method } = found.command;
  return { method, globals, ...parseWords(fieldsOf(spec), spec.positional ?? [], words) };
}

describe('the command line’s grammar', () => {
  it('reads the commands of the documentation', () => {
    expect(parse('machine deploy --image micro --memory 256')).toMatchObject({
      method: 'machines.deploy',
      input: { image: 'micro', memoryMiB: 256 },
    });
    expect(parse('vault put photos letters')).toMatchObject({
      method: 'vault.put',
      input: { paths: ['photos', 'letters'] },
    });
    expect(parse('vault export a b c out').input).toEqual({ items: ['a', 'b', 'c'], to: 'out' });
    expect(parse('vault export a out').input).toEqual({ items: ['a'], to: 'out' });
    expect(parse('machines delete-snapshot web before --json')).toMatchObject({
      method: 'machines.deleteSnapshot',
      input: { machine: 'web', name: 'before' },
      globals: { json: true },
    });
    expect(parse('machines deleteSnapshot web before').method).toBe('machines.deleteSnapshot');
    expect(parse('identity set-auto-lock 5').input).toEqual({ minutes: 5 });
  });

  it('takes flags by name, beginning, in the contract’s spelling, with = and negated', () => {
    for (const flag of ['--memory 2G', '--memory-mib 2048', '--memoryMiB 2048', '--memory=2048', '--mem 2g']) {
      expect(parse(`machine deploy web --image micro ${flag}`).input).toMatchObject({ name: 'web', memoryMiB: 2048 });
    }
    expect(parse('machine deploy web --image m --internet --no-autostart').input).toMatchObject({
      internet: true,
      autostart: false,
    });
    expect(parse('machine deploy web --image m --internet=false').input).toMatchObject({ internet: false });
    expect(parse('machine deploy web --image m --ssh-key a --ssh-key b').input).toMatchObject({ sshKeys: ['a', 'b'] });
    expect(parse('mandate create vault.put --target {"into":"root"}').input).toMatchObject({
      target: { into: 'root' },
    });
  });

  it('reads files for any input, and says where', () => {
    const { files } = parse('machine deploy web --image m --user-data-file init.sh --ssh-keys-file keys');
    expect(files.map(({ field, path }) => [field.key, path])).toEqual([
      ['userData', 'init.sh'],
      ['sshKeys', 'keys'],
    ]);
    const fields = fieldsOf(agentContract['machines.deploy']);
    const keys = fields.find((f) => f.key === 'sshKeys');
    const data = fields.find((f) => f.key === 'userData');
    if (!keys || !data) throw new Error('fields are missing');
    const bytes = (text: string) => new TextEncoder().encode(text);
    expect(parseFile(keys, bytes('a b\nc d\n'))).toEqual(['a b', 'c d']);
    expect(parseFile(data, bytes('#!/bin/sh\necho\n'))).toBe('#!/bin/sh\necho');
    expect(() => parseFile(data, Uint8Array.of(0xff))).toThrow(UsageError);
  });

  it('refuses what it does not understand, in words', () => {
    const wrong: [string, RegExp][] = [
      ['machine deploy --image m --ram 5', /no option --ram.*--memory-mib/],
      ['machine deploy --i m', /could be --image or --internet/],
      ['machine deploy a b', /one word too many/],
      ['machine deploy a --memory lots', /a size such as/],
      ['machine deploy a --cpus many', /takes a number/],
      ['machine deploy a --internet=perhaps', /true or false/],
      ['machine deploy a --image', /takes a value/],
      ['machine deploy a --image x --image y', /given twice/],
      ['identity unlock --passphrase hunter2', /is a secret/],
      ['mandate create m --target {', /takes JSON/],
      ['machine type web --bytes x', /is a secret|takes bytes/],
      ['vault put a --home', /takes a directory/],
    ];
    for (const [line, words] of wrong) expect(() => parse(line), line).toThrow(words);
    expect(findCommand(commands, 'machnes', 'list')).toMatchObject({ kind: 'unknown', near: ['machines'] });
    expect(findCommand(commands, 'vault', 'serach')).toMatchObject({ near: ['vault search'] });
    expect(findCommand(commands, 'vault', '__proto__').kind).toBe('unknown');
  });

  it('takes a verb of two words in two, where the first alone is none', () => {
    expect(joinVerb(commands, 'vault', 'webdav', ['on', '--new-password'])).toEqual({
      verb: 'webdav-on',
      words: ['--new-password'],
    });
    expect(joinVerb(commands, 'vault', 'bin', ['on'])).toEqual({ verb: 'bin', words: ['on'] });
    expect(joinVerb(commands, 'vault', 'webdav', ['up'])).toEqual({ verb: 'webdav', words: ['up'] });
    expect(joinVerb(commands, 'vault', undefined, [])).toEqual({ verb: undefined, words: [] });
  });

  it('takes words after -- as they are', () => {
    expect(parse('vault put -- --json -x').input).toEqual({ paths: ['--json', '-x'] });
  });

  it('reads sizes', () => {
    expect(['1', '512M', '2G', '1.5GiB', '1T', '2gb'].map((s) => parseSize('memory', s, 'MiB'))).toEqual([
      1, 512, 2048, 1536, 1048576, 2048,
    ]);
    expect(['100', '64K', '2MB'].map((s) => parseSize('bytes', s, 'B'))).toEqual([100, 65_536, 2_097_152]);
    expect(['10', '1T', '2048M'].map((s) => parseSize('gib', s, 'GiB'))).toEqual([10, 1024, 2]);
    expect(parse('mesh fetch ann --max-bytes 2M').input).toEqual({ url: 'ann', maxBytes: 2_097_152 });
    expect(parse('vault ask-room ann 0.5T').input).toEqual({ contact: 'ann', gib: 512 });
  });

  it('takes any words for an input or a usage error', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('--', '-', '--image', '--no-internet', '--memory=1', '--x-file'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...commands), fc.array(word, { maxLength: 6 }), ({ spec }, words) => {
        try {
          parseWords(fieldsOf(spec), spec.positional ?? [], words);
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
        }
      }),
    );
  });
});

describe('the contract on the command line', () => {
  it('has every method reachable, or withheld with the reason', () => {
    for (const [method, spec] of Object.entries(contract)) {
      const [domain = '', name = ''] = method.split('.');
      const found = findCommand(commands, domain, kebab(name));
      expect(found, method).toMatchObject({ kind: 'command', command: { method } });
      if (found.kind !== 'command') continue;
      if (spec.withheld?.cli !== undefined) {
        expect(found.command.withheld?.length, method).toBeGreaterThan(5);
        continue;
      }
      // Every input can be given one way or another.
      for (const field of fieldsOf(spec)) expect(field.kind, `${method} ${field.key}`).toBeDefined();
      for (const key of spec.positional ?? []) {
        expect(
          fieldsOf(spec).some((f) => f.key === key),
          `${method} names ${key} as positional`,
        ).toBe(true);
      }
    }
  });

  it('knows secrets from the contract and never takes them from words', () => {
    for (const { spec, method } of commands) {
      for (const field of fieldsOf(spec).filter((f) => f.secret && f.kind !== 'boolean')) {
        expect(() => parseWords(fieldsOf(spec), spec.positional ?? [], [`--${field.flag}`, 'x']), method).toThrow(
          /secret/,
        );
      }
    }
  });
});

describe('a path of this computer', () => {
  it('means the directory where it was typed, in every input that is one', () => {
    // Of these a member of the same name is something else: on a server, in the vault, people.
    const others = [
      'vault.uploadOpen path',
      'vault.importZstor paths',
      'vault.lend to',
      'mesh.send to',
      'ledger.issue to',
      'deals.offer to',
      'wallet.review to',
      'names.transfer to',
    ];
    const named = Object.entries(contract).flatMap(([method, spec]) =>
      fieldsOf(spec).flatMap(({ key }) => (/^(path|paths|to|directory|config)$/.test(key) ? [`${method} ${key}`] : [])),
    );
    const known = Object.entries(pathInputs).flatMap(([method, keys]) => keys.map((key) => `${method} ${key}`));
    // Where money and names go is somebody; a place is a directory of its server.
    const elsewhere = /^(?:vault\.(?:add|test|change)Place directory|(?:wallet|ledger|names|deals)\.\w+ to)$/;
    const remote = named.filter((one) => elsewhere.test(one));
    expect(named.filter((one) => !others.includes(one) && !remote.includes(one)).sort()).toEqual(known.sort());
  });
});

describe('a time', () => {
  const now = Date.UTC(2026, 10, 22);
  it('is a span from now, a date here, or milliseconds', () => {
    expect(parseTime('at', '90m', now)).toBe(now + 5_400_000);
    expect(parseTime('at', '30d', now)).toBe(now + 30 * 86_400_000);
    expect(parseTime('at', '2027-01-31', now)).toBe(new Date(2027, 0, 31).getTime());
    expect(parseTime('at', '2027-01-31T18:00', now)).toBe(new Date(2027, 0, 31, 18).getTime());
    expect(parseTime('at', '2027-01-31T18:00+01:00', now)).toBe(Date.UTC(2027, 0, 31, 17));
    expect(parseTime('at', '1798761600000', now)).toBe(1_798_761_600_000);
  });
  it('is what the contract takes for one, whatever it is called; none is never', () => {
    const field = (method: 'vault.share' | 'vault.changeShare' | 'mandates.create' | 'mesh.messages', key: string) => {
      const found = fieldsOf(agentContract[method]).find((one) => one.key === key);
      if (found === undefined) throw new Error(`${method} has no ${key}`);
      return found;
    };
    expect(field('vault.share', 'expires')).toMatchObject({ time: true, never: false });
    expect(field('mandates.create', 'expiresAt')).toMatchObject({ time: true, never: false });
    expect(field('mesh.messages', 'before')).toMatchObject({ time: true, never: false });
    expect(field('vault.share', 'room')).toMatchObject({ time: false, size: 'B' });
    const until = field('vault.changeShare', 'expires');
    expect(until).toMatchObject({ time: true, never: true });
    expect(parseValue(until, 'never')).toBe(null);
    expect(parseValue(until, '1798761600000')).toBe(1_798_761_600_000);
  });
  it('is refused in words where it is none', () => {
    for (const word of ['', '30', 'tomorrow', '2027-02-30', '2027-13-01', '2027-01-31T25:00', '-1d', '1.5h']) {
      expect(() => parseTime('expires-at', word, now), word).toThrow(/--expires-at takes a time/);
    }
  });
});
