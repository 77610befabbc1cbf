import process from 'node:process';
import { createIndexer } from '../work/indexer.ts';
import { serve } from '../work/serve.ts';

// A thread that makes the index, and that a file with these words in it kills: what a bug in a reader would do.
serve((start) => {
  const indexer = createIndexer(start);
  return {
    run(job: Parameters<typeof indexer.run>[0]) {
      if (job.kind === 'add' && Buffer.from(job.bytes).includes('deadly words')) process.exit(1);
      return indexer.run(job);
    },
  };
});
