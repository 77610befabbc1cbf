import { english, type MessageTree, messageKeys } from '#shared/i18n/index.ts';
import type { Values } from './i18n.ts';

/** A sentence of the core, taken apart: the message that says it in every language, and what it is filled with. */
export interface ReadSummary {
  readonly key: string;
  readonly values: Values;
}

interface Form {
  readonly key: string;
  readonly names: readonly string[];
  readonly numbers: ReadonlySet<string>;
  /** The same words; where they could be cut differently, one gives the first value least, the other most. */
  readonly least: RegExp;
  readonly most: RegExp;
}

/**
 * Say again, in another language, what the core says of a call. Its sentence is made of the very arguments that were
 * approved and is all that the log keeps of them, so it is what is read: against the English form of the message, whose
 * values then fill the others. Null when it fits no form, or when its values could be cut in two ways: a name that
 * holds the words between them must not move a border, so such a sentence is shown as the core wrote it.
 */
export function readSummary(method: string, summary: string): ReadSummary | null {
  return readWith(forms().get(method) ?? [], summary);
}

/**
 * What else the core says in English, read against the forms below one key of the messages (`mesh.said.PING`); null as there. Those
 * without values come first, for a text in the place of one would take their words too.
 */
export function readSaid(key: string, said: string): ReadSummary | null {
  let own = saidForms.get(key);
  if (own === undefined) {
    const tree = treeAt(english, key);
    own = messageKeys(tree)
      .map((leaf) => compile(`${key}.${leaf}`, textAt(tree, leaf)))
      .sort((a, b) => a.names.length - b.names.length);
    saidForms.set(key, own);
  }
  return readWith(own, said);
}

const saidForms = new Map<string, readonly Form[]>();

function treeAt(tree: MessageTree, key: string): MessageTree {
  const [first = '', ...rest] = key.split('.');
  const below = tree[first];
  if (typeof below !== 'object') return {};
  return rest.length === 0 ? below : treeAt(below, rest.join('.'));
}

function readWith(all: readonly Form[], summary: string): ReadSummary | null {
  for (const form of all) {
    const read = form.least.exec(summary);
    if (read === null) continue;
    const other = form.most.exec(summary);
    if (read.some((value, i) => value !== other?.[i])) return null;
    const values = form.names.map((name, i): [string, string | number] => {
      const value = read[i + 1] ?? '';
      return [name, form.numbers.has(name) ? Number(value) : value];
    });
    return { key: form.key, values: Object.fromEntries(values) };
  }
  return null;
}

let compiled: ReadonlyMap<string, readonly Form[]> | null = null;

/** By method; those that begin with a number first, for a text in its place would take the number too. */
function forms(): ReadonlyMap<string, readonly Form[]> {
  if (compiled) return compiled;
  const tree: MessageTree = english.summary;
  const all = new Map<string, Form[]>();
  for (const leaf of messageKeys(tree)) {
    if (leaf.endsWith('_one')) continue;
    const stem = leaf.replace(/_other$/, '');
    const method = stem.split('.').slice(0, 2).join('.');
    const form = compile(`summary.${stem}`, textAt(tree, leaf));
    all.set(
      method,
      [...(all.get(method) ?? []), form].sort((a, b) => b.numbers.size - a.numbers.size),
    );
  }
  compiled = all;
  return all;
}

function textAt(tree: MessageTree, key: string): string {
  let at: MessageTree | string | undefined = tree;
  for (const part of key.split('.')) at = typeof at === 'object' ? at[part] : undefined;
  return typeof at === 'string' ? at : '';
}

function compile(key: string, text: string): Form {
  const names: string[] = [];
  const numbers = new Set<string>();
  const parts = text.split(/(\{\{[^}]+\}\})/).map((part) => {
    const [, name, format] = /^\{\{(\w+)(?:, (\w+))?\}\}$/.exec(part) ?? [];
    if (name === undefined) return RegExp.escape(part);
    names.push(name);
    if (format === 'number') numbers.add(name);
    return format === 'number' ? '(\\d+)' : null;
  });
  const whole = (open: string) => new RegExp(`^${parts.map((part) => part ?? open).join('')}$`, 's');
  return { key, names, numbers, least: whole('(.*?)'), most: whole('(.*)') };
}
