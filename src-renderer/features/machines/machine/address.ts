/**
 * A machine's page is addressed by id, or, while it is being deployed and has none, by `~name`: names may be `new` or
 * `images`, which are pages of their own.
 */
export const byName = (name: string): string => `~${name}`;

/** What `machines.get` is asked for. */
export const asked = (address: string): string => (address.startsWith('~') ? address.slice(1) : address);
