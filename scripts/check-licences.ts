import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { licenceProblems } from './check/licences.ts';

/** Fails when a locked dependency has a licence that is not on the list. */
const lock = JSON.parse(await readFile('package-lock.json', 'utf8'));
const problems = licenceProblems(lock);
for (const problem of problems) console.error(problem);
console.log(`licences: ${Object.keys(lock.packages).length - 1} packages, ${problems.length} not allowed`);
process.exitCode = problems.length === 0 ? 0 : 1;
