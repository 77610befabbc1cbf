import { describe, expect, it } from 'vitest';
import { addressOf, hostOf, missingParts, placeAddressSchema, placeCallWords, whereWords } from './place-address.ts';
import { vaultPlacesContract } from './places.ts';

const s3 = { kind: 's3', endpoint: 'https://S3.example.org:9000/base', bucket: 'box', accessKeyId: 'AK' } as const;

describe('the address of a place', () => {
  it('is made of its parts, with what is usual where it was left out', () => {
    expect(addressOf({ path: '/mnt/a' })).toEqual({ kind: 'directory', path: '/mnt/a' });
    expect(addressOf({ kind: 'zdb', host: 'a', namespace: 'n' })).toMatchObject({ port: 9900 });
    expect(addressOf({ kind: 'redis', host: 'a' })).toEqual({
      kind: 'redis',
      host: 'a',
      port: 6379,
      database: 0,
      tls: false,
      user: '',
    });
    expect(addressOf(s3)).toMatchObject({ region: '', prefix: '' });
    expect(addressOf({ kind: 'sftp', host: 'a', user: 'u', directory: 'd' })).toMatchObject({ fingerprint: null });
    expect(placeAddressSchema.safeParse(addressOf(s3)).success).toBe(true);
  });

  it('says what of it is missing, by the name of the input', () => {
    expect(missingParts({})).toEqual(['path']);
    expect(missingParts({ kind: 's3', bucket: 'b' })).toEqual(['endpoint', 'accessKeyId']);
    const parsed = vaultPlacesContract['vault.addPlace'].input.safeParse({ kind: 'sftp', host: 'a' });
    expect(parsed.error?.issues.map((issue) => issue.path[0])).toEqual(['user', 'directory']);
  });

  it('is told by host and account, never by what opens it', () => {
    expect(placeCallWords({ path: '/mnt/a' })).toBe('/mnt/a');
    expect(placeCallWords(s3)).toBe('S3.example.org:9000/base/box (S3, as AK)');
    const input = { ...s3, secretKey: 'do not tell' };
    expect(vaultPlacesContract['vault.addPlace'].summary(input)).toBe(
      'Add S3.example.org:9000/base/box (S3, as AK) as a place of the vault',
    );
    expect(whereWords({ kind: 'zdb', host: '4a2::1', port: 9900, namespace: 'n' })).toBe('[4a2::1]:9900/n');
  });

  it('names the computer that it is on', () => {
    const address = addressOf(s3);
    expect(address && hostOf(address)).toBe('s3.example.org');
    expect(hostOf({ kind: 'zdb', host: '[::1]', port: 1, namespace: 'n' })).toBe('::1');
    expect(hostOf({ kind: 'directory', path: '/a' })).toBeNull();
  });
});
