import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where `npm run build:micro` leaves what it makes, one directory an architecture. */
export function microCache(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(base, 'hypha', 'micro');
}

/** Directories that may hold Hypha Micro for `arch`, best first: shipped with the app, downloaded, built here. */
export function microPlaces(resources: string, home: string, arch: string): string[] {
  return [join(resources, 'micro', arch), join(home, 'images', 'micro', arch), join(microCache(), arch)];
}
