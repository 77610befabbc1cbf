import type { Contact } from '#shared/contract/contacts.ts';
import type { Failure } from '#shared/rpc/fail.ts';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';

/** The people whom a machine can be opened to. */
export interface KnownContacts {
  readonly contacts: readonly Contact[];
  readonly loading: boolean;
  readonly error: Failure | null;
}

const none: readonly Contact[] = [];

export function useContacts(): KnownContacts {
  const { data, error } = useAgentQuery('contacts.list', {});
  return { contacts: data?.contacts ?? none, loading: data === undefined && !error, error: error ?? null };
}
