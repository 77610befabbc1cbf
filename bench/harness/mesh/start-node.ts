import { youngGenerationMb } from '#core/mesh/engine/heap.ts';
import type { NodePart } from './node-part.ts';
import { type Part, startPart } from './part.ts';

/** A node in a process with the same room for what is young as the thread of the product has. @param options of Node */
export function startNode(options: readonly string[] = []): Promise<Part<NodePart>> {
  // V8 takes the young generation for three halves: two that change places, and as much again for what is large.
  return startPart<NodePart>('node-part.ts', [`--max-semi-space-size=${youngGenerationMb / 3}`, ...options]);
}
