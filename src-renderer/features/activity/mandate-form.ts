import { z } from 'zod';
import { agentContract, type MethodName } from '#shared/contract/agent.ts';
import { type AnyMethod, inputShape } from '#shared/rpc/contract.ts';
import type { In } from '../../lib/agent/hooks.ts';

/** Who can hold a standing approval. */
export const mandateFaces = ['assistant', 'mcp', 'cli'] as const;
export type MandateFace = (typeof mandateFaces)[number];

/** An input of a method that can be fixed to a value, or capped when it is a number. */
export interface TargetField {
  name: string;
  kind: 'text' | 'number' | 'yes-no' | 'choice' | 'list';
  choices: readonly string[];
  /** Every call names it, so it must be fixed or capped. */
  required: boolean;
}

interface Shape {
  type?: string;
  enum?: unknown[];
  anyOf?: Shape[];
  items?: Shape;
}

/** The inputs of a method that a person can fix: plain values and lists of words; objects and bytes cannot be typed. */
export function targetFields(method: string): TargetField[] {
  const spec: AnyMethod | undefined = Object.hasOwn(agentContract, method)
    ? agentContract[method as MethodName]
    : undefined;
  if (!spec) return [];
  const schema = z.toJSONSchema(spec.input, { unrepresentable: 'any', io: 'input' }) as {
    properties?: Record<string, Shape>;
    required?: string[];
  };
  return Object.entries(schema.properties ?? {}).flatMap(([name, shape]) => {
    if (spec.secret?.includes(name)) return [];
    const kind = kindOf(shape);
    return kind
      ? [{ name, kind, choices: (shape.enum ?? []).map(String), required: schema.required?.includes(name) ?? false }]
      : [];
  });
}

function kindOf(shape: Shape): TargetField['kind'] | null {
  if (shape.enum) return 'choice';
  if (shape.type === 'string' || shape.anyOf?.some((one) => one.type === 'string')) return 'text';
  if (shape.type === 'integer' || shape.type === 'number') return 'number';
  if (shape.type === 'boolean') return 'yes-no';
  return shape.type === 'array' && shape.items?.type === 'string' ? 'list' : null;
}

/**
 * Methods that a standing approval can cover and that are asked about without one: what shares, spends or deploys, and
 * for programs also what writes. Deleting and changing policy are always asked; so is what cannot be called without a
 * secret, or without a value that nobody could type here.
 */
export function mandatable(face: MandateFace): MethodName[] {
  const asked = face === 'cli' ? ['share', 'spend', 'deploy'] : ['write', 'share', 'spend', 'deploy'];
  const rank = (name: string) => (name.startsWith('vault.') ? 0 : name.startsWith('machines.') ? 1 : 2);
  return (Object.keys(agentContract) as MethodName[])
    .filter((name) => {
      const spec: AnyMethod = agentContract[name];
      return asked.includes(spec.effect) && !spec.withheld?.[face] && !spec.quiet && canBeFixed(spec, name);
    })
    .sort((a, b) => rank(a) - rank(b));
}

function canBeFixed(spec: AnyMethod, method: MethodName): boolean {
  const fields = new Set(targetFields(method).map(({ name }) => name));
  const shape = inputShape(spec);
  const typable = Object.entries(shape).every(([name, part]) => fields.has(name) || part.safeParse(undefined).success);
  return fields.size > 0 && typable;
}

/** What was typed, by field: texts as they stand; an empty one must stay at its default in every call. */
export interface Typed {
  method: MethodName;
  face: MandateFace;
  target: Readonly<Record<string, string>>;
  capPerUse: Readonly<Record<string, string>>;
  capTotal: Readonly<Record<string, string>>;
  maxUses: string;
  days: string;
}

export type Problem =
  | { kind: 'target-missing' }
  | { kind: 'left-open'; field: string }
  | { kind: 'not-a-number'; field: string }
  | { kind: 'not-fitting'; field: string; why: string }
  | { kind: 'out-of-range'; field: 'maxUses' | 'days'; max: number };

const maxUses = 1_000_000;
const maxDays = 365;
const dayMs = 86_400_000;

/** The approval that was typed, or what is wrong with it. Values must fit the method's own schema, field by field. */
export function readMandate(typed: Typed, now: number): { input: In<'mandates.create'> } | { problem: Problem } {
  const fields = new Map(targetFields(typed.method).map((field) => [field.name, field]));
  const shape = inputShape(agentContract[typed.method]);
  const target: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(typed.target)) {
    const field = fields.get(name);
    if (!field || text.trim() === '') continue;
    const value = typedValue(field, text);
    const fits = shape[name]?.safeParse(value);
    if (fits && !fits.success) {
      return { problem: { kind: 'not-fitting', field: name, why: fits.error.issues[0]?.message ?? '' } };
    }
    // As the agent will see it in a call: trimmed and with defaults.
    target[name] = fits?.data ?? value;
  }
  if (Object.keys(target).length === 0) return { problem: { kind: 'target-missing' } };
  const caps = { capPerUse: {}, capTotal: {} } as Record<'capPerUse' | 'capTotal', Record<string, number>>;
  for (const kind of ['capPerUse', 'capTotal'] as const) {
    for (const [name, text] of Object.entries(typed[kind])) {
      if (text.trim() === '' || fields.get(name)?.kind !== 'number') continue;
      const amount = Number(text);
      if (!Number.isFinite(amount) || amount < 0) return { problem: { kind: 'not-a-number', field: name } };
      caps[kind][name] = amount;
    }
  }
  for (const { name, required } of fields.values()) {
    const isCapped = Object.hasOwn(caps.capPerUse, name) || Object.hasOwn(caps.capTotal, name);
    if (required && !Object.hasOwn(target, name) && !isCapped) return { problem: { kind: 'left-open', field: name } };
  }
  const uses = wholeUpTo(typed.maxUses, maxUses);
  if (uses === null) return { problem: { kind: 'out-of-range', field: 'maxUses', max: maxUses } };
  const days = wholeUpTo(typed.days, maxDays);
  if (days === null) return { problem: { kind: 'out-of-range', field: 'days', max: maxDays } };
  const { method, face } = typed;
  return { input: { method, face, target, ...caps, maxUses: uses, expiresAt: now + days * dayMs } };
}

function typedValue(field: TargetField, text: string): unknown {
  if (field.kind === 'number') return Number(text);
  if (field.kind === 'yes-no') return text === 'yes';
  if (field.kind !== 'list') return text.trim();
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

function wholeUpTo(text: string, max: number): number | null {
  const value = Number(text);
  return text.trim() !== '' && Number.isInteger(value) && value >= 1 && value <= max ? value : null;
}
