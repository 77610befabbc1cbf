import { describe, expect, it } from 'vitest';
import { agentContract } from '#shared/contract/agent.ts';
import { placeKinds, placeSchema } from '#shared/contract/vault.ts';
import { addressInput, changesInput, marksInput, missingIn, placeFields, setupInput, valuesOf } from './place-form.ts';

const full = {
  path: '/mnt/a',
  endpoint: ' https://s3.example.org ',
  bucket: 'box',
  accessKeyId: 'AK',
  secretKey: 'SK',
  host: 'a.example',
  port: '2222',
  user: 'ada',
  password: ' with spaces ',
  directory: 'hypha',
  database: '1',
  namespace: 'n',
  contact: 'ann',
} as const;

describe('what is typed about a place', () => {
  it.each(placeKinds)('of kind %s is what the agent takes', (kind) => {
    const input = { ...addressInput(kind, full), ...marksInput({ name: 'N', site: 'home', limit: '1,5' }, false) };
    expect(agentContract['vault.addPlace'].input.parse(input)).toMatchObject({
      name: 'N',
      site: 'home',
      limitMiB: 1536,
    });
    expect(missingIn(kind, full, false)).toEqual([]);
    expect(missingIn(kind, {}, false).length).toBeGreaterThan(0);
  });

  it('keeps the spaces of a password, and takes those off everything else', () => {
    expect(addressInput('redis', full)).toMatchObject({ password: ' with spaces ', port: 2222 });
    expect(addressInput('s3', full)).toMatchObject({ endpoint: 'https://s3.example.org' });
  });

  it('asks an SFTP server for a password or a private key', () => {
    const { password: _, ...without } = full;
    expect(missingIn('sftp', without, false)).toEqual(['password']);
    expect(missingIn('sftp', { ...without, privateKey: 'k' }, false)).toEqual([]);
    expect(missingIn('sftp', without, true)).toEqual([]);
  });

  it('of a place that is there gives only what was changed', () => {
    const address = { kind: 'redis', host: 'a', port: 6379, database: 0, tls: false, user: '' } as const;
    const place = placeSchema.parse({
      id: 'p',
      name: 'Attic',
      kind: 'redis',
      path: 'a:6379/0',
      address,
      owner: '',
      site: 'attic',
      limit: 2 * 1024 ** 3,
      weight: 1,
      device: 'host:a',
      deviceName: 'a',
      health: 'ok',
      shards: 0,
      used: 0,
      free: null,
      checkedAt: null,
      verifiedAt: null,
    });
    const values = valuesOf(place);
    expect(values).toMatchObject({ host: 'a', port: '6379', site: 'attic', limit: '2', tls: false });
    expect(changesInput(address, addressInput('redis', values))).toEqual({});
    expect(changesInput(address, addressInput('redis', { ...values, port: '7000', password: 'x' }))).toEqual({
      port: 7000,
      password: 'x',
    });
  });

  it('is given to set-up with what opens it apart', () => {
    const chosen = placeKinds.map((kind) => ({ kind, values: full }));
    const input = { profile: { k: 4, m: 1 }, paths: [], ...setupInput(chosen) };
    const parsed = agentContract['vault.setup'].input.parse(input);
    expect(JSON.stringify(parsed.places)).not.toMatch(/SK|with spaces/);
    expect(parsed.credentials).toHaveLength(placeKinds.length);
    expect(parsed.credentials?.[placeKinds.indexOf('s3')]).toEqual({ secretKey: 'SK' });
  });

  it('has a field for everything that a kind needs', () => {
    for (const kind of placeKinds) expect(placeFields[kind].some(({ needed }) => needed)).toBe(true);
  });
});
