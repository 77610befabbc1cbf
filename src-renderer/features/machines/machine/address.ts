/**
 * A machine's page is addressed by id, or, while it is being deployed and has none, by `~name`: names may be `new` or
 * `images`, which are pages of their own.
 */
export const byName = (name: string): string => `~${name}`;

/** What `machines.get` is asked for. */
export const asked = (address: string): string => (address.startsWith('~') ? address.slice(1) : address);

/** As long as an id, of letters an id may have. */
const likeAnId = /^[a-z2-7]{12}$/;

/**
 * What a call names a machine by: its name, for that is what the log, the tasks and a question then say. The agent takes
 * ids before names, so a name that could be another machine's id is not used.
 */
export const calledBy = ({ id, spec }: { id: string; spec: { name: string } }): string =>
  likeAnId.test(spec.name) ? id : spec.name;
