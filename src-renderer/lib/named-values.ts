import { sayWhom } from '#shared/contract/mesh/whom.ts';
import type { Values } from './i18n.ts';

type Lookup = (key: string) => string | null;

/** Values of the mesh's sentences that say whom somebody means. */
const people: ReadonlySet<string> = new Set(['to', 'target', 'allow', 'who']);

/**
 * What fills a sentence, where that is words of ours: names of settings, and what is said of people. Everything else is what the
 * person or the agent named.
 */
export function inWords(method: string, values: Values, lookup: Lookup): Values {
  const said = Object.entries(values).map(([name, value]) => {
    if (typeof value !== 'string') return [name, value];
    if (name === 'names') return [name, settings(value, lookup)];
    if (method === 'mesh.configure' && name === 'changes') return [name, changes(value, lookup)];
    if (method.startsWith('mesh.') && people.has(name)) {
      return [name, sayWhom(value, (mark) => lookup(`mesh.whom.${mark}`) ?? mark)];
    }
    return [name, value];
  });
  return Object.fromEntries(said);
}

function settings(names: string, lookup: Lookup): string {
  const words = names.split(', ').map((name) => lookup(`settings.names.${name}`) ?? name);
  return words.join(', ');
}

/** `listen: false, port: 9651` as the page of settings calls them. */
function changes(text: string, lookup: Lookup): string {
  const switched: Readonly<Record<string, string | null>> = { true: lookup('common.on'), false: lookup('common.off') };
  const one = (part: string): string => {
    const [, name = '', value = ''] = /^(\w+): (\w+)$/.exec(part) ?? [];
    const word = lookup(`mesh.settings.${name}`) ?? lookup(`mesh.topics.${name}`) ?? lookup(`mesh.whom.${name}`);
    return word === null ? part : `${word}: ${switched[value] ?? value}`;
  };
  return text.split(', ').map(one).join(', ');
}
