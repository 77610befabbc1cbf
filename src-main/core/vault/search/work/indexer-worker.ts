import { setPriority } from 'node:os';
import process from 'node:process';
import { createIndexer } from './indexer.ts';
import { serve } from './serve.ts';

// Entry of the thread that makes the index. On Linux a priority is a thread's own; elsewhere it would be the whole agent's.
if (process.platform === 'linux') setPriority(10);
serve((start) => createIndexer(start));
