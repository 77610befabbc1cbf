import { z } from 'zod';
import { bytesCountSchema, imageIdSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { capabilitySchema, imageSchema } from './model.ts';
import { notForPeers } from './parts.ts';

/** What machines can be made from, here. */
export const machineImagesContract = {
  'machines.capability': method({
    kind: 'call',
    about: 'Tell whether machines can run on this computer, and how fast.',
    input: z.object({ /** Look again for QEMU and boot the probe again. */ refresh: z.boolean().default(false) }),
    output: capabilitySchema,
    errors: [],
    effect: 'read',
    summary: () => 'See whether machines can run here',
    examples: ['can i run machines'],
    withheld: notForPeers,
  }),
  'machines.images': method({
    kind: 'call',
    about: 'List the images a machine can start from.',
    input: z.object({}),
    output: z.object({ images: z.array(imageSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List machine images',
    examples: ['which images are there'],
    withheld: notForPeers,
  }),
  'machines.fetchImage': method({
    kind: 'task',
    about: 'Download an image and check it against its vendor’s checksum.',
    input: z.object({ image: imageIdSchema }),
    output: z.object({ image: imageSchema }),
    errors: ['NOT_FOUND', 'CHECKSUM_WRONG', 'UNREACHABLE', 'BACKING_FILE'],
    effect: 'write',
    summary: (i) => `Download the image ${i.image}`,
    examples: ['download {image}'],
    undo: { method: 'machines.removeImage' },
    withheld: notForPeers,
    positional: ['image'],
  }),
  'machines.removeImage': method({
    kind: 'call',
    about: 'Remove a downloaded image that no machine uses.',
    input: z.object({ image: imageIdSchema }),
    output: z.object({ freed: bytesCountSchema }),
    errors: ['NOT_FOUND', 'IN_USE'],
    effect: 'delete',
    summary: (i) => `Remove the downloaded image ${i.image}`,
    examples: ['remove the image {image}'],
    undo: { never: 'It can be downloaded again.' },
    withheld: notForPeers,
    positional: ['image'],
  }),
} as const;
