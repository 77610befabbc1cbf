import { useTranslation } from 'react-i18next';
import { agentContract } from '#shared/contract/agent.ts';
import type { Contract } from '#shared/rpc/contract.ts';
import { useOptionalT } from './i18n.ts';
import { inWords } from './named-values.ts';
import { readSummary } from './summary.ts';

/** One call in words. */
export interface Told {
  /** In the person's language, as much as there are words for. */
  readonly text: string;
  /** The core's own sentence, in English, where `text` does not say all of it. */
  readonly core: string | null;
}

export interface MethodWords {
  /** What a method does, in the person's language; its name for one that nobody has put into words. */
  title(method: string): string;
  /** What one call does, from the core's sentence about it. */
  tell(method: string, summary: string): Told;
  /** {@link tell} in one line. */
  line(method: string, summary: string): string;
  /** The core's own sentences are in the person's language. */
  spokenByCore: boolean;
}

/**
 * Calls are summed up by the core, in English, because consent, the log and the terminal must show the same sentence. In
 * other languages the same is said from that sentence ({@link readSummary}), or by the method's title where it adds
 * nothing to it.
 */
export function useMethodWords(): MethodWords {
  const lookup = useOptionalT();
  const { language } = useTranslation().i18n;
  const spokenByCore = language === 'en';
  const title = (method: string) => lookup(`method.${method}`) ?? method;
  const tell = (method: string, summary: string): Told => {
    if (spokenByCore) return { text: summary, core: null };
    const spec = (agentContract as Contract)[method];
    const read = readSummary(method, summary);
    const said = read && lookup(read.key, inWords(method, read.values, lookup));
    if (said) return { text: said, core: null };
    // A sentence that is the same for every call, and what stands in its place while the vault is locked.
    const nothingMore = spec !== undefined && (spec.summary.length === 0 || summary === spec.about);
    return { text: title(method), core: nothingMore ? null : summary };
  };
  const line = (method: string, summary: string) => {
    const { text, core } = tell(method, summary);
    return core === null ? text : `${text}: ${core}`;
  };
  return { title, tell, line, spokenByCore };
}
