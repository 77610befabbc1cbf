import { type FileHandle, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { toHex } from '#core/crypto/encoding.ts';
import { createSha256 } from '#core/crypto/hash.ts';
import { createSha512 } from '#core/crypto/sha512.ts';
import type { Host } from '#core/host.ts';
import { syncDirectory, writeFileAtomic } from '#core/store/atomic-file.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import { readJson } from '../read-json.ts';
import { isLoopbackHttp } from './catalogue.ts';
import type { HashAlgorithm } from './checksums.ts';

/** Beside FILE.part lies FILE.part.json: which version of which address the part belongs to. */
const sidecarSchema = z.object({ url: z.string(), validator: z.string().nullable() });

export interface Download {
  readonly url: string;
  /** Final path; made by rename when the hash is right. */
  readonly target: string;
  readonly expected: { readonly algorithm: HashAlgorithm; readonly hex: string };
  readonly host: Host;
  readonly signal: AbortSignal;
  readonly progress: (done: number, total: number | null) => void;
  /** How often to go on after a cut without giving up; a cut after progress counts as the first. */
  readonly attempts?: number;
  /** Give up waiting for the next bytes after this long. */
  readonly stallMs?: number;
}

export const newHash = (algorithm: HashAlgorithm) => (algorithm === 'sha256' ? createSha256() : createSha512());

/** @param final asking again would get the same. */
const unreachable = (url: string, why: string, final = false) =>
  fail('UNREACHABLE', `${new URL(url).host} could not be read: ${why}.`, {
    ...(final ? { data: { final } } : {}),
    meaning: 'What was downloaded so far is kept and will be gone on from.',
    next: 'Check the internet connection and try again.',
  });

/** As many as browsers follow (Fetch standard, "HTTP-redirect fetch"). */
const mostHops = 20;

/**
 * fetch with plain words for failures. Every address on the way is checked before it is asked, so that no hop of a redirect is without
 * encryption: one that is could lead anywhere, whatever the last address is.
 */
export async function request(
  url: string,
  signal: AbortSignal,
  headers: Record<string, string> = {},
): Promise<Response> {
  const local = isLoopbackHttp(new URL(url));
  for (let at = new URL(url), hops = 0; ; hops++) {
    if (at.protocol !== 'https:' && !(local && isLoopbackHttp(at))) {
      throw unreachable(url, 'it leads to an address without encryption', true);
    }
    let response: Response;
    try {
      // "identity": a compressed answer would make byte ranges and the length mean something else.
      const wanted = { 'accept-encoding': 'identity', ...headers };
      response = await fetch(at.href, { signal, redirect: 'manual', headers: wanted });
    } catch (error) {
      if (signal.aborted) throw error;
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw unreachable(url, cause instanceof Error ? cause.message : String(cause));
    }
    const location = [301, 302, 303, 307, 308].includes(response.status) ? response.headers.get('location') : null;
    if (location === null) return response;
    await response.body?.cancel();
    if (hops >= mostHops) throw unreachable(url, 'it leads from one address to the next without end', true);
    if (!URL.canParse(location, at.href)) throw unreachable(url, 'it leads to something that is no address', true);
    at = new URL(location, at.href);
  }
}

/** A small text file, for example a vendor's checksums. The server has `withinMs` for all of it. */
export async function fetchText(
  url: string,
  signal: AbortSignal,
  limit = 4 * 1024 * 1024,
  withinMs = 60_000,
): Promise<string> {
  const late = AbortSignal.timeout(withinMs);
  try {
    const response = await request(url, AbortSignal.any([signal, late]));
    if (!response.ok) {
      await response.body?.cancel();
      throw unreachable(url, `it answered ${response.status}`);
    }
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      // Leaving the loop ends the connection.
      if (text.length > limit) throw unreachable(url, 'the answer is too long');
    }
    return text + decoder.decode();
  } catch (error) {
    if (isFail(error) || signal.aborted) throw error;
    throw unreachable(url, late.aborted ? 'it took too long' : 'the connection was cut');
  }
}

/**
 * Download a file and check it. A cut download goes on where it stopped (Range with If-Range, RFC 9110 sections 13 and 14), the part
 * that is there being hashed again from disk. A wrong hash removes the file. Throws UNREACHABLE, CHECKSUM_WRONG, DISK_FULL.
 */
export async function download(job: Download): Promise<void> {
  const attempts = job.attempts ?? 5;
  for (let failures = 0; ; ) {
    const before = await sizeOf(`${job.target}.part`);
    try {
      await attempt(job);
      return;
    } catch (error) {
      if (job.signal.aborted || !isFail(error, 'UNREACHABLE') || error.data?.final === true) throw error;
      failures = (await sizeOf(`${job.target}.part`)) > before ? 1 : failures + 1;
      if (failures >= attempts) throw error;
      await pause(job.host, Math.min(8_000, 250 * 2 ** failures), job.signal);
    }
  }
}

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.size ?? 0;

export function pause(host: Host, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = host.setTimer(ms, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
  });
}

async function attempt(job: Download): Promise<void> {
  const { url, target, expected } = job;
  const part = `${target}.part`;
  const sidecar = `${part}.json`;
  const kept = sidecarSchema.safeParse(await readJson(sidecar));
  const validator = kept.success && kept.data.url === url ? kept.data.validator : null;
  let offset = validator === null ? 0 : await sizeOf(part);

  const stall = new AbortController();
  const signal = AbortSignal.any([job.signal, stall.signal]);
  const headers: Record<string, string> =
    offset > 0 && validator !== null ? { range: `bytes=${offset}-`, 'if-range': validator } : {};
  let calm = job.host.setTimer(job.stallMs ?? 30_000, () => stall.abort());
  let file: FileHandle | undefined;
  try {
    const response = await request(url, signal, headers);
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
    if (response.status === 206 && Number(range?.[1]) === offset) {
      // Goes on where it stopped.
    } else if (response.status === 200) {
      offset = 0;
    } else {
      await response.body?.cancel();
      // 416: the part is longer than the file, so it is of another version.
      if (response.status === 416 || response.status === 206) await rm(sidecar, { force: true });
      throw unreachable(url, `it answered ${response.status}`);
    }
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    const total = Number.isFinite(length) ? offset + length : null;
    await wantSpace(dirname(target), Number.isFinite(length) ? length : 0);
    const hash = newHash(expected.algorithm);
    if (offset === 0) {
      // The part before its sidecar: a sidecar never vouches for bytes of another version.
      file = await open(part, 'w', 0o600);
      await writeFileAtomic(sidecar, JSON.stringify({ url, validator: strongValidator(response.headers) }));
    } else {
      file = await open(part, 'r+');
      for await (const chunk of file.createReadStream({ start: 0, end: offset - 1, autoClose: false })) {
        hash.update(chunk as Uint8Array);
      }
    }
    let at = offset;
    let checkedAt = at;
    job.progress(at, total);
    for await (const chunk of response.body ?? []) {
      calm();
      calm = job.host.setTimer(job.stallMs ?? 30_000, () => stall.abort());
      await writeFully(file, chunk, at);
      hash.update(chunk);
      at += chunk.length;
      job.progress(at, total);
      // A server that does not say how much it sends must not fill the disk.
      if (total === null && at - checkedAt > spaceEvery) {
        checkedAt = at;
        await wantSpace(dirname(target), 0);
      }
    }
    if (total !== null && at < total) throw unreachable(url, 'the connection was cut');
    await file.sync();
    await file.close();
    file = undefined;
    if (toHex(hash.digest()) !== expected.hex) {
      await rm(part, { force: true });
      await rm(sidecar, { force: true });
      throw fail('CHECKSUM_WRONG', `${basename(new URL(url).pathname)} does not have its vendor's checksum.`, {
        meaning:
          'The download was damaged or is not what the vendor published; it was removed and nothing was started from it.',
        next: 'Try again. If it happens again, do not use this source.',
      });
    }
    await rename(part, target);
    await rm(sidecar, { force: true });
    await syncDirectory(dirname(target));
  } catch (error) {
    if (isFail(error) || job.signal.aborted) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw diskFull();
    throw unreachable(url, stall.signal.aborted ? 'it stopped sending' : 'the connection was cut');
  } finally {
    calm();
    await file?.close();
  }
}

async function writeFully(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}

/** If-Range needs a strong validator: a weak ETag ("W/...") does not promise equal bytes. */
function strongValidator(headers: Headers): string | null {
  const tag = headers.get('etag');
  if (tag !== null && !tag.startsWith('W/')) return tag;
  return headers.get('last-modified');
}

const diskFull = () =>
  fail('DISK_FULL', 'There is not enough free space for this image.', {
    meaning: 'Nothing that was there before is touched.',
    next: 'Free some space and try again; what was downloaded is gone on from.',
  });

const spaceEvery = 64 * 1024 * 1024;

/** A quarter of a gigabyte stays free for everything else on this disk. */
async function wantSpace(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize < bytes + 256 * 1024 * 1024) throw diskFull();
}
