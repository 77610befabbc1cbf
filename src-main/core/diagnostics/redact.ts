import { homedir, userInfo } from 'node:os';

/** Field names whose values never reach a log or a report. */
export const secretFields = [
  'passphrase',
  'words',
  'phrase',
  'entropy',
  'secret',
  'token',
  'key',
  'seed',
  'answers',
  'draft',
  'current',
  'userData',
];

/** Empty where the account has no entry of its own, as in some containers. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

/**
 * Take what identifies the person out of free text: the home directory, the account name, long hex and base64url runs
 * (keys, ids), addresses of the `#token=` form.
 */
export function redactText(
  text: string,
  who: { home: string; user: string } = { home: homedir(), user: accountName() },
): string {
  let out = text;
  if (who.home.length > 1) out = out.replaceAll(who.home, '~');
  if (who.user.length > 2) out = out.replaceAll(new RegExp(`\\b${RegExp.escape(who.user)}\\b`, 'g'), '(user)');
  return out
    .replace(/#token=[A-Za-z0-9_-]+/g, '#token=(secret)')
    .replace(/\b[0-9a-f]{32,}\b/gi, (run) => `${run.slice(0, 4)}…`)
    .replace(/\b(?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_-]{40,}\b/g, (run) => `${run.slice(0, 4)}…`);
}
