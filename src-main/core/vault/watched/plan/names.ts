import { safeFileName } from '../../names.ts';
import { type Problem, problems } from '../problem.ts';
import { nameOf, type Trees } from './trees.ts';

export interface NameRules {
  readonly platform: 'posix' | 'win32';
  /** Equal text for names that the disk takes for one; null where it tells all apart. */
  readonly alike: ((text: string) => string) | null;
}

/** What of the vault cannot come to this computer because of its name. What is here already is here. */
export function unfit({ local, vault, agreed }: Omit<Trees, 'held'>, { platform, alike }: NameRules): Problem[] {
  const found: Problem[] = [];
  const ids = new Map([...agreed].map(([path, { id }]) => [id, path]));
  const taken = new Map<string, string>();
  if (alike) for (const path of local.keys()) taken.set(alike(path), path);
  for (const [path, { id }] of [...vault].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (local.has(path)) continue;
    const name = nameOf(path);
    if (safeFileName(name, platform) !== name) {
      found.push(problems.nameHere(path));
      continue;
    }
    if (!alike || agreed.has(path)) continue;
    const folded = alike(path);
    const other = taken.get(folded);
    const was = ids.get(id);
    // Renamed in the vault, and only its spelling.
    const isRespelled = was !== undefined && alike(was) === folded && !vault.has(was);
    if (other !== undefined && !isRespelled) found.push(problems.alike(path, nameOf(other)));
    else taken.set(folded, path);
  }
  return found;
}
