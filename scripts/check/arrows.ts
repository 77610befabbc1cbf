import path from 'node:path';
import type { Import } from './imports.ts';

/** A source file by its path from the root, with forward slashes. */
export interface Source {
  readonly file: string;
  readonly imports: readonly Import[];
}

export interface Violation {
  readonly file: string;
  readonly target: string;
  readonly rule: string;
}

/** The rooms of the house; none imports another (architecture, section 3). */
const domains = ['identity', 'mesh', 'vault', 'ledger', 'wallet', 'deals', 'names', 'machines', 'assistant'];
/** Everything in the core that domains stand on. */
const foundations = ['broker', 'tasks', 'store', 'settings', 'diagnostics', 'crypto', 'threads', 'evm', 'testing'];

const primitives = /^(node:crypto|crypto|libsodium-wrappers|libsodium-wrappers-sumo|tweetnacl|@noble\/.*|@scure\/.*)$/;

const isTest = (file: string) =>
  /\.(test|bench)\.tsx?$/.test(file) || /\/(testing|fixtures)\//.test(file) || /conformance\.ts$/.test(file);

/** The file or package an import means: a path from the root, or a bare package name. */
export function resolve(from: string, target: string): { file: string } | { bare: string } {
  if (target.startsWith('#shared/')) return { file: `src-shared/${target.slice(8)}` };
  if (target.startsWith('#core/')) return { file: `src-main/core/${target.slice(6)}` };
  if (target.startsWith('.')) return { file: path.posix.join(path.posix.dirname(from), target) };
  return { bare: target };
}

/** Every import that points the wrong way. */
export function wrongArrows(sources: readonly Source[]): Violation[] {
  return sources.flatMap((source) => {
    if (source.file.startsWith('src-main/') && roomOf(source.file).area === 'outside') {
      return [{ file: source.file, target: '', rule: 'a folder of src-main that no rule knows; name it in roomOf' }];
    }
    return source.imports.flatMap(({ target }) => {
      const to = resolve(source.file, target);
      const rule = 'bare' in to ? brokenByPackage(source.file, to.bare) : brokenByFile(source.file, to.file);
      return rule === null ? [] : [{ file: source.file, target, rule }];
    });
  });
}

function brokenByPackage(file: string, bare: string): string | null {
  const room = roomOf(file);
  if (bare === 'electron' || bare.startsWith('electron/')) {
    if (room.area === 'electron' || room.area === 'preload') return null;
    if (room.area === 'outside') return null;
    return 'only src-main/electron and src-main/preload import electron';
  }
  if (isTest(file)) return null;
  if (primitives.test(bare)) {
    // A list of words, not a primitive: the onboarding completes what is typed.
    if (bare.startsWith('@scure/bip39/wordlists/')) return null;
    if (room.area === 'outside' || (room.area === 'core' && room.part === 'crypto')) return null;
    if (room.area === 'renderer' && bare === 'tweetnacl') return null;
    return 'only src-main/core/crypto touches cryptographic primitives';
  }
  if (room.area === 'shared' && !/^(zod|@msgpack\/msgpack)$/.test(bare)) {
    return 'src-shared imports zod and @msgpack/msgpack, nothing else';
  }
  if (room.area === 'renderer' && bare.startsWith('node:')) return 'the renderer has no Node';
  if (room.area === 'preload' && bare.startsWith('node:')) return 'the sandboxed preload has no Node';
  return null;
}

function brokenByFile(from: string, to: string): string | null {
  const a = roomOf(from);
  const b = roomOf(to);
  if (a.area === 'outside') return null;
  if (b.area === 'outside') {
    return isTest(from) || !/^(scripts|bench|e2e|contracts)\//.test(to)
      ? null
      : 'the product does not import its tools';
  }
  if (b.area === 'shared') return null;
  if (a.area === 'shared') return 'src-shared imports nothing of src-main or src-renderer';
  if (a.area === 'renderer' || b.area === 'renderer') {
    return a.area === b.area ? null : 'the renderer and src-main meet only in src-shared';
  }
  if (isTest(from)) return null;
  if (b.part === 'testing' && b.area === 'core') return 'what ships does not import core/testing';
  if (a.area === 'core') return b.area === 'core' ? brokenInCore(a.part, b.part) : 'the core imports no shell';
  if (a.area === 'preload') return 'the preload imports only src-shared';
  if (b.area === 'electron' && a.area !== 'electron') return 'nothing imports the Electron shell';
  if ((a.area === 'local' || a.area === 'security') && (b.area === 'daemon' || b.area === 'cli'))
    return 'what the shells share imports no shell';
  if (a.area === 'electron' && (b.area === 'daemon' || b.area === 'cli'))
    return 'a shell does not import another shell';
  if (a.area === 'daemon' && b.area === 'cli') return 'a shell does not import another shell';
  return null;
}

function brokenInCore(a: string, b: string): string | null {
  if (a === b || a === 'top') return null;
  if (domains.includes(a) && domains.includes(b)) return 'a domain never imports another domain; declare a port';
  if (foundations.includes(a) && domains.includes(b)) return 'what domains stand on imports no domain';
  if (a === 'crypto' && b !== 'top') return 'core/crypto stands alone';
  return null;
}

/** Beside the core: the shells, and what they share (`local`, `security`). */
const mainRooms = ['electron', 'preload', 'daemon', 'cli', 'local', 'security'] as const;

interface Room {
  readonly area: 'shared' | 'renderer' | 'core' | (typeof mainRooms)[number] | 'outside';
  /** In the core: its folder, or `top` for what lies directly in it (the composition root and the host's type). */
  readonly part: string;
}

function roomOf(file: string): Room {
  const parts = file.split('/');
  if (parts[0] === 'src-shared') return { area: 'shared', part: parts[1] ?? '' };
  if (parts[0] === 'src-renderer') return { area: 'renderer', part: parts[1] ?? '' };
  if (parts[0] !== 'src-main') return { area: 'outside', part: '' };
  if (parts[1] === 'core') {
    const part = parts[2] ?? '';
    return { area: 'core', part: part.endsWith('.ts') || part === 'agent' ? 'top' : part };
  }
  const area = mainRooms.find((name) => name === parts[1]);
  return { area: area ?? 'outside', part: '' };
}

/** Rings of files that import each other at run time, each named once, starting at its first file by name. */
export function cycles(sources: readonly Source[]): string[][] {
  const known = new Set(sources.map((source) => source.file));
  const graph = new Map(
    sources.map((source) => [
      source.file,
      source.imports
        .filter((one) => !one.type)
        .flatMap((one) => {
          const to = resolve(source.file, one.target);
          return 'file' in to && known.has(to.file) ? [to.file] : [];
        }),
    ]),
  );
  const found = new Map<string, string[]>();
  const done = new Set<string>();
  const walk = (file: string, trail: string[]): void => {
    const at = trail.indexOf(file);
    if (at !== -1) {
      const ring = trail.slice(at);
      const first = ring.indexOf([...ring].sort()[0] ?? '');
      const turned = [...ring.slice(first), ...ring.slice(0, first)];
      found.set(turned.join(' '), turned);
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...trail, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return [...found.values()];
}
