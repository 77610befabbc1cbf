import { describe, expect, it } from 'vitest';
import { agentContract } from '#shared/contract/agent.ts';
import { settingsSchema } from '#shared/contract/system.ts';
import { english, german, type MessageTree } from '#shared/i18n/index.ts';
import type { AnyMethod } from '#shared/rpc/contract.ts';
import { commonErrors } from '#shared/rpc/fail.ts';
import { toldMethods } from '../features/tasks/task-words.ts';

const sources = import.meta.glob<string>('../../src-main/core/{vault,machines}/**/*.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const methods = Object.entries(agentContract) as [string, AnyMethod][];
const has = (tree: MessageTree, key: string) => {
  const value = key
    .split('.')
    .reduce<string | MessageTree | undefined>((at, part) => (typeof at === 'object' ? at[part] : undefined), tree);
  return typeof value === 'string';
};
const missing = (keys: readonly string[]) =>
  [english, german].flatMap((tree, i) =>
    keys.filter((key) => !has(tree, key)).map((key) => `${i ? 'de' : 'en'} ${key}`),
  );

describe('words in every language', () => {
  it('for every error code of the contract', () => {
    const codes = new Set([...commonErrors, ...methods.flatMap(([, spec]) => spec.errors)]);
    expect(missing([...codes].map((code) => `errors.${code}.message`))).toEqual([]);
  });

  it('for every method that has an effect, and for every task', () => {
    const named = methods.filter(([, spec]) => spec.effect !== 'read' || spec.kind === 'task').map(([name]) => name);
    expect(missing(named.map((name) => `method.${name}`))).toEqual([]);
  });

  it('for every step that the core takes in a task', () => {
    const steps = Object.entries(sources).flatMap(([file, text]) => {
      if (/\.test\.ts$|\/testing\//.test(file)) return [];
      const domain = /core\/(\w+)\//.exec(file)?.[1];
      return [...text.matchAll(/\bstep\(\s*'([^']+)'/g)].map(([, key]) => `tasks.step.${domain}.${key}`);
    });
    expect(steps.length).toBeGreaterThan(15);
    expect(missing(steps)).toEqual([]);
  });

  it('for every setting', () => {
    expect(missing(Object.keys(settingsSchema.shape).map((name) => `settings.names.${name}`))).toEqual([]);
  });

  it('for the result of every task', () => {
    const tasks = methods.filter(([, spec]) => spec.kind === 'task').map(([name]) => name);
    expect(toldMethods.toSorted()).toEqual(tasks.toSorted());
  });
});
