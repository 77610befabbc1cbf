/** Names of shards and their directories as the vault gives them: `c/<id>.<index>`, `p/00000/<id>.<index>`. */
const shape = /^[cp](\/[A-Za-z0-9][A-Za-z0-9._-]{0,63}){1,3}$/;

/**
 * The directory of a name, and the rest.
 *
 * @throws for anything that is no name: what lies beside the shards has names that cannot be one
 */
export function splitName(name: string): { readonly directory: string; readonly base: string } {
  if (!shape.test(name)) throw new Error(`“${name}” is no name of a shard`);
  const at = name.lastIndexOf('/');
  return { directory: name.slice(0, at), base: name.slice(at + 1) };
}
