/**
 * Memory for young objects of the mesh thread, in MB. Left to itself V8 grows it to 64 MB when a thousand neighbours come at once and
 * never gives that back; the data plane makes few objects, so that collecting them more often costs nothing to speak of.
 */
export const youngGenerationMb = 12;
