import { useEffect, useState } from 'react';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { type DeployForm, deployFormSchema } from './form-schema.ts';

const settleMs = 250;

/**
 * The plan for what the form holds, asked again a moment after the last key. A field that is not right yet is taken at
 * its last right value, so that the plan does not vanish while a name is typed.
 */
export function usePlan(form: DeployForm) {
  const [spec, setSpec] = useState(() => deployFormSchema.safeParse(form).data ?? null);
  const key = JSON.stringify(form);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the form
  useEffect(() => {
    const timer = setTimeout(() => {
      const { data } = deployFormSchema.safeParse(form);
      if (data) setSpec(data);
    }, settleMs);
    return () => clearTimeout(timer);
  }, [key]);
  const fallback = { name: 'machine', image: form.image } as const;
  return useAgentQuery('machines.plan', spec ?? fallback, { enabled: spec !== null, keepPrevious: true });
}
