import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** What the compiler makes of one contract. */
export interface Compiled {
  readonly abi: readonly object[];
  /** To create it, `0x` and hex. */
  readonly bytecode: string;
  /** What lies on the chain then; places of immutable values are zero. */
  readonly deployed: string;
  /** `slot offset type label` of each variable that is kept, and of each member of the structs in them. */
  readonly storage: readonly string[];
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Record<string, Record<string, Contract>>;
}

interface Contract {
  readonly abi: readonly object[];
  readonly evm: {
    readonly bytecode: { readonly object: string };
    readonly deployedBytecode: { readonly object: string };
  };
  readonly storageLayout: {
    readonly storage: readonly Variable[];
    readonly types: Record<string, { readonly members?: readonly Variable[] }> | null;
  };
}

interface Variable {
  readonly slot: string;
  readonly offset: number;
  readonly type: string;
  readonly label: string;
}

/** The same settings as in foundry.toml, which forge reads. */
const settings = {
  evmVersion: 'cancun',
  optimizer: { enabled: true, runs: 1000 },
  metadata: { bytecodeHash: 'none', appendCBOR: false },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'storageLayout'] } },
};

/**
 * Compile the contracts of contracts/src with npm's compiler; the same sources and compiler give the same bytes everywhere.
 *
 * @throws Error with the compiler's words
 */
export function compileContracts(root: string): Map<string, Compiled> {
  const require = createRequire(path.join(root, 'package.json'));
  const solc: { compile(input: string, callbacks: object): string } = require('solc');
  const folder = path.join(root, 'contracts', 'src');
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sol'))
    .sort();
  const sources = Object.fromEntries(
    names.map((name) => [`contracts/src/${name}`, { content: readFileSync(path.join(folder, name), 'utf8') }]),
  );
  const load = (wanted: string) => ({ contents: readFileSync(path.join(root, 'node_modules', wanted), 'utf8') });
  const input = JSON.stringify({ language: 'Solidity', sources, settings });
  const output: Output = JSON.parse(solc.compile(input, { import: load }));
  const wrong = (output.errors ?? []).filter(({ severity }) => severity === 'error');
  if (wrong.length > 0) throw new Error(wrong.map(({ formattedMessage }) => formattedMessage).join('\n'));
  const compiled = new Map<string, Compiled>();
  for (const name of names) {
    for (const [contract, { abi, evm, storageLayout }] of Object.entries(
      output.contracts[`contracts/src/${name}`] ?? {},
    )) {
      // A library of internal functions, or half a contract, is part of who uses it.
      if (evm.bytecode.object === '' || abi.every((one) => 'type' in one && one.type === 'error')) continue;
      compiled.set(contract, {
        abi,
        bytecode: `0x${evm.bytecode.object}`,
        deployed: `0x${evm.deployedBytecode.object}`,
        storage: [
          ...storageLayout.storage.map(lineOf),
          ...Object.entries(storageLayout.types ?? {}).flatMap(([type, { members }]) =>
            (members ?? []).map((member) => `${plainType(type)}: ${lineOf(member)}`),
          ),
        ],
      });
    }
  }
  return compiled;
}

/** Types bear numbers of the syntax tree, which change with any line. */
const plainType = (type: string): string => type.replace(/\)\d+/g, ')');

const lineOf = ({ slot, offset, type, label }: Variable): string => `${slot} ${offset} ${plainType(type)} ${label}`;
