import process from 'node:process';
import { runChecks } from './check/run-checks.ts';

/** `npm run check`: everything that can be said about the code without running it. */
const results = await runChecks();
const failed = results.filter((one) => !one.ok);
console.log(`check: ${results.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
