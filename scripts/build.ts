import process from 'node:process';
import { buildAll } from './build/build-all.ts';

/** `npm run build`: make out/ anew. `npm start` and `npm test` make it only when its sources changed. */
await buildAll({ root: process.cwd(), onlyIfStale: process.argv.includes('--if-stale') });
