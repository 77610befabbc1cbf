import { artifacts, writeArtifacts } from './contracts/artifacts.ts';
import { limits, writeLimits } from './contracts/limits.ts';
import { compileContracts } from './contracts/sources.ts';

/**
 * `npm run build:contracts`: compile contracts/src with npm's compiler into src-main/core/evm/contracts, and note where each keeps
 * what and how large it is in contracts/limits.json, which a test holds them to.
 */
const root = process.cwd();
const compiled = compileContracts(root);
writeArtifacts(root, artifacts(compiled));
writeLimits(root, limits(compiled));
for (const name of compiled.keys()) console.log(name);
