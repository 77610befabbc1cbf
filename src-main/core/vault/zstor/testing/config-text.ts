import { toHex } from '#core/crypto/ids.ts';

interface Backend {
  readonly port: number;
  readonly namespace?: string;
  readonly password?: string;
}

/** A configuration as somebody would write it for the real zstor, with every backend on this computer. */
export function configText(c: {
  readonly k: number;
  readonly parity: number;
  readonly key: Uint8Array;
  readonly metadata: readonly Backend[];
  readonly groups: readonly (readonly Backend[])[];
  readonly redundantGroups?: number;
  readonly redundantNodes?: number;
  readonly root?: string;
  readonly prefix?: string;
}): string {
  const backend = (table: string, { port, namespace, password }: Backend): string[] => [
    `[[${table}]]`,
    `address = "127.0.0.1:${port}"`,
    ...(namespace === undefined ? [] : [`namespace = "${namespace}"`]),
    ...(password === undefined ? [] : [`password = "${password}"`]),
    '',
  ];
  const encryption = ['algorithm = "AES"', `key = "${toHex(c.key)}"`, ''];
  return [
    `minimal_shards = ${c.k}`,
    `expected_shards = ${c.k + c.parity}`,
    `redundant_groups = ${c.redundantGroups ?? 0}`,
    `redundant_nodes = ${c.redundantNodes ?? 1}`,
    ...(c.root === undefined ? [] : [`root = "${c.root}"`]),
    '',
    '[encryption]',
    ...encryption,
    '[compression]',
    'algorithm = "snappy"',
    '',
    '[meta]',
    'type = "zdb"',
    '',
    '[meta.config]',
    `prefix = "${c.prefix ?? 'someprefix'}"`,
    '',
    '[meta.config.encryption]',
    ...encryption,
    ...c.metadata.flatMap((one) => backend('meta.config.backends', one)),
    ...c.groups.flatMap((group) => ['[[groups]]', ...group.flatMap((one) => backend('groups.backends', one))]),
  ].join('\n');
}
