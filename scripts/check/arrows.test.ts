import { describe, expect, it } from 'vitest';
import { cycles, type Source, wrongArrows } from './arrows.ts';
import { importsOf } from './imports.ts';

const source = (file: string, ...targets: string[]): Source => ({
  file,
  imports: targets.map((target) => ({ target, type: false })),
});
const rules = (...sources: Source[]) => wrongArrows(sources).map((one) => one.rule);

describe('finding imports', () => {
  it('knows every written form', () => {
    const code = `
import a from 'a';
import type { B } from './b.ts';
import {
  c,
  type C,
} from "c/sub";
import 'side-effect';
import * as d from '#core/d.ts';
export { e } from './e.ts';
export * from './f.ts';
export type { G } from './g.ts';
const h = await import('h');
new Worker(new URL('./i.ts', import.meta.url));
const j = require('j');
`;
    const found = importsOf(code);
    expect(
      found
        .filter((one) => !one.type)
        .map((one) => one.target)
        .sort(),
    ).toEqual(['#core/d.ts', './e.ts', './f.ts', './i.ts', 'a', 'c/sub', 'h', 'j', 'side-effect'].sort());
    expect(
      found
        .filter((one) => one.type)
        .map((one) => one.target)
        .sort(),
    ).toEqual(['./b.ts', './g.ts']);
  });

  it('is not misled by comments and plain words', () => {
    const code = `
/** import x from 'x' */
// import y from 'y';
export const text = 'from the start';
export const more = { from: 'z' };
`;
    expect(importsOf(code)).toEqual([]);
  });
});

describe('arrows point down only', () => {
  it('lets shells use the core, the core the shared part, and the renderer the shared part', () => {
    expect(
      rules(
        source(
          'src-main/daemon/index.ts',
          '../core/agent.ts',
          '#core/host.ts',
          '#shared/rpc/peer.ts',
          'ws',
          'node:http',
        ),
        source(
          'src-main/core/vault/index.ts',
          '#core/crypto/index.ts',
          '#core/store/database.ts',
          './ports.ts',
          'pino',
        ),
        source('src-main/core/agent.ts', './vault/index.ts', './identity/index.ts', './broker/broker.ts'),
        source('src-renderer/app/main.tsx', '#shared/contract/agent.ts', 'react', '../lib/x.ts'),
        source('src-shared/model/x.ts', 'zod', '@msgpack/msgpack', './ids.ts'),
        source('src-main/electron/main.ts', 'electron', '../security/csp.ts', '../local/lock.ts'),
        source('src-main/local/lock.ts', '#core/crypto/ids.ts', '#shared/rpc/fail.ts', 'node:net'),
        source('src-main/core/crypto/hash.ts', 'node:crypto', '@noble/hashes/blake3.js'),
      ),
    ).toEqual([]);
  });

  const wrong: [string, string, RegExp][] = [
    ['src-shared/model/x.ts', 'pino', /src-shared imports zod/],
    ['src-shared/model/x.ts', 'node:fs', /src-shared imports zod/],
    ['src-shared/model/x.ts', '../../src-main/core/host.ts', /nothing of src-main/],
    ['src-main/core/vault/index.ts', '#core/identity/index.ts', /another domain/],
    ['src-main/core/vault/a/b.ts', '../../machines/x.ts', /another domain/],
    ['src-main/core/store/database.ts', '../vault/index.ts', /imports no domain/],
    ['src-main/core/crypto/x.ts', '../store/database.ts', /stands alone/],
    ['src-main/core/agent.ts', 'electron', /import electron/],
    ['src-main/daemon/index.ts', 'electron', /import electron/],
    ['src-main/core/agent.ts', '../daemon/index.ts', /imports no shell/],
    ['src-main/core/vault/x.ts', 'node:crypto', /primitives/],
    ['src-main/daemon/auth.ts', 'crypto', /primitives/],
    ['src-main/core/vault/x.ts', '@noble/ciphers/aes.js', /primitives/],
    ['src-renderer/lib/x.ts', 'libsodium-wrappers-sumo', /primitives/],
    ['src-renderer/lib/x.ts', '../../src-main/core/host.ts', /meet only in src-shared/],
    ['src-renderer/lib/x.ts', 'node:fs', /no Node/],
    ['src-main/preload/index.ts', '#core/host.ts', /only src-shared/],
    ['src-main/electron/main.ts', '../daemon/http.ts', /another shell/],
    ['src-main/daemon/index.ts', '../electron/main.ts', /Electron shell/],
    ['src-main/core/vault/x.ts', '#core/testing/clock.ts', /core\/testing/],
    ['src-main/core/vault/x.ts', '../../../scripts/build.ts', /its tools/],
    ['src-main/core/agent.ts', '../local/lock.ts', /imports no shell/],
    ['src-main/local/x.ts', 'electron', /import electron/],
    ['src-main/local/x.ts', 'node:crypto', /primitives/],
    ['src-main/local/x.ts', '../daemon/http.ts', /imports no shell/],
    ['src-main/local/x.ts', '../electron/main.ts', /Electron shell/],
    ['src-main/local/x.ts', '../../src-renderer/lib/x.ts', /meet only in src-shared/],
    ['src-main/local/x.ts', '#core/testing/fake-host.ts', /core\/testing/],
    ['src-main/security/x.ts', '../cli/run.ts', /imports no shell/],
    ['src-main/preload/index.ts', '../local/lock.ts', /only src-shared/],
    ['src-shared/rpc/x.ts', '../../src-main/local/lock.ts', /nothing of src-main/],
    ['src-renderer/lib/x.ts', '../../src-main/local/lock.ts', /meet only in src-shared/],
    ['src-main/daemon/host.ts', 'node:crypto', /primitives/],
    ['src-main/new-room/x.ts', 'node:fs', /no rule knows/],
  ];
  it.each(wrong)('%s may not import %s', (file, target, rule) => {
    expect(rules(source(file, target))).toEqual([expect.stringMatching(rule)]);
  });

  it('lets tests check by other means, but not across to electron', () => {
    expect(rules(source('src-main/core/vault/x.test.ts', 'node:crypto', '#core/identity/index.ts', 'vitest'))).toEqual(
      [],
    );
    expect(rules(source('src-main/core/vault/x.test.ts', 'electron'))).toHaveLength(1);
  });
});

describe('cycles', () => {
  it('names a ring once and lets type imports be', () => {
    const ring = [
      source('src-shared/a.ts', './b.ts'),
      source('src-shared/b.ts', './c.ts'),
      source('src-shared/c.ts', './a.ts'),
    ];
    expect(cycles(ring)).toEqual([['src-shared/a.ts', 'src-shared/b.ts', 'src-shared/c.ts']]);
    const typed: Source = { file: 'src-shared/c.ts', imports: [{ target: './a.ts', type: true }] };
    expect(cycles([...ring.slice(0, 2), typed])).toEqual([]);
  });
});
