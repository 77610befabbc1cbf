import { expect, it } from 'vitest';
import { readS3Options, type S3Options } from './options.ts';

const good: S3Options = {
  endpoint: 'https://s3.example.com',
  region: 'eu-central-1',
  bucket: 'my-bucket',
  prefix: 'a/b',
  accessKeyId: 'AKID',
  secretAccessKey: 'secret/+=',
};

it('puts bucket and prefix together as S3 wants them', () => {
  expect(readS3Options(good)).toMatchObject({
    url: 'https://s3.example.com/my-bucket',
    host: 's3.example.com',
    prefix: 'a/b/',
  });
  expect(readS3Options({ ...good, endpoint: 's3.example.com/', prefix: '//a//b/', region: '' })).toMatchObject({
    url: 'https://s3.example.com/my-bucket',
    prefix: 'a/b/',
    region: 'auto',
  });
  expect(readS3Options({ ...good, endpoint: 'http://10.0.0.5:9000/storage/v1/', prefix: '' })).toMatchObject({
    url: 'http://10.0.0.5:9000/storage/v1/my-bucket',
    prefix: '',
  });
  expect(readS3Options({ ...good, prefix: 'Sicherung ü/数据' }).prefix).toBe('Sicherung ü/数据/');
});

it.each<[keyof S3Options, string]>([
  ['endpoint', ''],
  ['endpoint', 'ftp://x'],
  ['endpoint', 'https://user:pass@x'],
  ['endpoint', 'https://x/?a=b'],
  ['bucket', 'a'],
  ['bucket', 'a/b'],
  ['bucket', '../b'],
  ['bucket', 'a..b'],
  ['region', 'eu central'],
  ['prefix', '..'],
  ['prefix', 'a/./b'],
  ['prefix', "it's"],
  ['prefix', 'a\u0000'],
  ['prefix', '\ud800'],
  ['prefix', 'x'.repeat(901)],
  ['accessKeyId', ''],
  ['accessKeyId', 'a b'],
  ['secretAccessKey', ''],
])('refuses %s %j', (field, value) => {
  expect(() => readS3Options({ ...good, [field]: value })).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
});
