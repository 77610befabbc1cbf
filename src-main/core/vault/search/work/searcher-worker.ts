import { createSearcher } from './searcher.ts';
import { serve } from './serve.ts';

// Entry of the thread that reads the index.
serve((start) => createSearcher(start));
