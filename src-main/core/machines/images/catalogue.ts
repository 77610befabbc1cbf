import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { imageIdSchema } from '#shared/model/ids.ts';
import { fail } from '#shared/rpc/fail.ts';

const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/);

/** A server on this computer, as tests have one; nothing of it passes a network. */
export const isLoopbackHttp = (url: URL): boolean =>
  url.protocol === 'http:' && /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/.test(url.hostname);

/** Encrypted on the way: the checksums that everything is checked against come from there. */
const safeAddress = (text: string): boolean => {
  const url = new URL(text);
  return url.protocol === 'https:' || isLoopbackHttp(url);
};

/** One image of a vendor. No hash stands here: the vendor's checksum file is read at download. */
export const catalogueEntrySchema = z.object({
  id: imageIdSchema,
  name: z.string().min(1).max(80),
  about: z.string().max(400),
  arch: z.enum(['amd64', 'arm64']),
  /** Address of the vendor's directory, with the slash at its end. */
  base: z
    .url({ protocol: /^https?$/ })
    .refine(safeAddress, 'begins with https:')
    .refine((u) => u.endsWith('/'), 'ends with a slash'),
  file: fileName,
  format: z.enum(['qcow2', 'raw']),
  checksums: z.object({ file: fileName, algorithm: z.enum(['sha256', 'sha512']) }),
  /** By the image's own boot loader, or a kernel published beside it. */
  boot: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('firmware') }),
    z.object({ kind: z.literal('direct'), kernel: fileName, initrd: fileName, append: z.string().max(1024) }),
  ]),
  defaultUser: z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/),
  minMemoryMiB: z.number().int().positive(),
  minDiskMiB: z.number().int().positive(),
  /** Null: nobody has started this entry yet. Otherwise what was tried, in words. */
  tried: z.string().nullable(),
});
export type CatalogueEntry = z.infer<typeof catalogueEntrySchema>;

export const catalogueSchema = z.object({
  format: z.literal('hypha-images/1'),
  images: z.array(catalogueEntrySchema).max(256),
});

/** Decode one catalogue file; throws BAD_INPUT naming what is wrong. */
export function decodeCatalogue(text: string): CatalogueEntry[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail('BAD_INPUT', 'A catalogue file is not JSON.');
  }
  const parsed = catalogueSchema.safeParse(value);
  if (!parsed.success) throw fail('BAD_INPUT', `A catalogue file is malformed: ${z.prettifyError(parsed.error)}`);
  return parsed.data.images;
}

/** All entries of a directory of catalogue files, in the order of file names; the first of two equal ids counts. */
export async function readCatalogue(directory: string): Promise<CatalogueEntry[]> {
  const names = (await readdir(directory).catch(() => [])).filter((n) => n.endsWith('.json')).sort();
  const entries = new Map<string, CatalogueEntry>();
  for (const name of names) {
    for (const entry of decodeCatalogue(await readFile(join(directory, name), 'utf8'))) {
      if (!entries.has(entry.id)) entries.set(entry.id, entry);
    }
  }
  return [...entries.values()];
}
