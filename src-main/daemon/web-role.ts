import { fail } from '#shared/rpc/fail.ts';
import type { Decide } from '../local/connections.ts';

/** A page with a session is the person at the interface, and nothing else. */
export function decideWeb(check: (session: string) => boolean): Decide {
  return ({ role, token }) => {
    if (role.face !== 'ui') return fail('FORBIDDEN', 'A web page is the interface and nothing else.');
    if (token === undefined || !check(token)) {
      return noSession();
    }
    return { face: 'ui', person: true, name: role.name };
  };
}

export const noSession = () =>
  fail('UNAUTHENTICATED', 'This page has no valid session.', {
    meaning: 'Nothing was shown or done.',
    next: 'Open a new link: run hypha open, or start Hypha again.',
  });
