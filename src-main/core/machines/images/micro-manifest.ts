import { z } from 'zod';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const part = z.object({
  file: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  bytes: z.number().int().positive(),
  sha256: hash,
});

/**
 * `manifest.json` beside a Hypha Micro kernel and initrd: what they are, their hashes, and every Debian package they
 * were made from.
 */
export const microManifestSchema = z.object({
  format: z.literal('hypha-micro/1'),
  arch: z.enum(['amd64', 'arm64']),
  /** Kernel release, for example 6.1.0-56-cloud-amd64. */
  release: z.string(),
  /** SHA-256 of the start scripts and the list of modules; absent in artefacts that were made before it was kept. */
  recipe: hash.optional(),
  kernel: part,
  initrd: part,
  sources: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      architecture: z.string(),
      file: z.string(),
      sha256: hash,
      source: z.string(),
    }),
  ),
});
export type MicroManifest = z.infer<typeof microManifestSchema>;
