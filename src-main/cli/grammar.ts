import { nearest } from '#shared/model/nearest.ts';
import type { AnyMethod, Contract } from '#shared/rpc/contract.ts';
import { kebab } from './fields.ts';

export interface Command {
  /** The contract's name, `machines.deleteSnapshot`. */
  readonly method: string;
  readonly domain: string;
  /** `delete-snapshot` */
  readonly verb: string;
  readonly spec: AnyMethod;
  /** Why it is not offered on the command line; null when it is. */
  readonly withheld: string | null;
}

export function commandsOf(contract: Contract): readonly Command[] {
  return Object.entries(contract).map(([method, spec]) => {
    const dot = method.indexOf('.');
    return {
      method,
      domain: method.slice(0, dot),
      verb: kebab(method.slice(dot + 1)),
      spec,
      withheld: spec.withheld?.cli ?? null,
    };
  });
}

export type Found =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'domain'; readonly domain: string }
  | { readonly kind: 'unknown'; readonly word: string; readonly near: readonly string[] };

/** What `hypha <domain> <verb>` means. The domain may be in the singular; the verb in kebab or as in the contract. */
export function findCommand(commands: readonly Command[], domainWord: string, verb: string | undefined): Found {
  const domains = [...new Set(commands.map((c) => c.domain))];
  const domain = domains.find((d) => d === domainWord || singular(d) === domainWord);
  if (domain === undefined) return { kind: 'unknown', word: domainWord, near: nearest(domainWord, domains) };
  if (verb === undefined) return { kind: 'domain', domain };
  const inDomain = commands.filter((c) => c.domain === domain);
  const command = inDomain.find((c) => c.verb === verb || c.method === `${domain}.${verb}`);
  if (command) return { kind: 'command', command };
  return {
    kind: 'unknown',
    word: `${domainWord} ${verb}`,
    near: nearest(
      verb,
      inDomain.filter((c) => !c.withheld).map((c) => c.verb),
    ).map((near) => `${domainWord} ${near}`),
  };
}

/**
 * The verb and the words after it, where it may be written as two: `webdav on` for `webdav-on`, when `webdav` alone is none.
 */
export function joinVerb(
  commands: readonly Command[],
  domainWord: string,
  verb: string | undefined,
  words: readonly string[],
): { verb: string | undefined; words: readonly string[] } {
  const [next, ...rest] = words;
  const plain = { verb, words };
  if (verb === undefined || next === undefined || findCommand(commands, domainWord, verb).kind === 'command')
    return plain;
  const joined = `${verb}-${next}`;
  return findCommand(commands, domainWord, joined).kind === 'command' ? { verb: joined, words: rest } : plain;
}

export function singular(domain: string): string {
  return domain.endsWith('s') && domain !== 'status' ? domain.slice(0, -1) : domain;
}
