/** Names of pieces and of their directories as both sides take them: lower case, so that no file system takes two for one. */
const segment = '[a-z0-9][a-z0-9._-]{0,63}';
const shard = new RegExp(`^[cp](?:/${segment}){1,2}$`);
const directory = new RegExp(`^[cp](?:/${segment})?$`);

export const isShardName = (name: string): boolean => shard.test(name);
export const isDirectoryName = (name: string): boolean => directory.test(name);
