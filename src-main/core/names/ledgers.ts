import type { Chain, Chains } from '#core/evm/chain.ts';
import type { NameLedger } from '#shared/contract/names.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import { failures } from './failures.ts';
import { ledgerLabel } from './label.ts';

/** A chain that has a registry of names. */
export interface NameChain {
  readonly chain: Chain;
  readonly registry: EvmAddress;
  readonly attestations: EvmAddress;
  readonly shown: NameLedger;
}

/** What stands behind the point; names below `.hypha` are those of the mesh. */
function shownOf({ ref, name, kind }: Chain): NameLedger {
  const label = ledgerLabel(name);
  return { chain: ref, name, kind, label: label === '' || label === 'hypha' ? ref.replace(':', '-') : label };
}

/** The person's own first, then contacts', then public ones. */
export function nameChains(chains: Chains): readonly NameChain[] {
  const order = ['own', 'contact', 'public'];
  return chains
    .list()
    .flatMap((chain) =>
      chain.contracts === null
        ? []
        : [
            {
              chain,
              registry: chain.contracts.names,
              attestations: chain.contracts.attestations,
              shown: shownOf(chain),
            },
          ],
    )
    .toSorted((a, b) => order.indexOf(a.chain.kind) - order.indexOf(b.chain.kind));
}

/** Those that somebody means by a name, a label or a chain; all of them by nothing. @throws Fail NO_LEDGER, LEDGER_UNCLEAR */
export function meant(chains: Chains, wanted: string | null): readonly NameChain[] {
  const all = nameChains(chains);
  if (all.length === 0) throw failures.noLedger();
  if (wanted === null) return all;
  const text = wanted.trim();
  const found = all.filter(
    ({ chain, shown }) => chain.ref === text || chain.name === text || shown.label === text.toLowerCase(),
  );
  if (found.length === 0)
    throw failures.unknownLedger(
      text,
      all.map(({ shown }) => shown.label),
    );
  // Two that are called alike are two: which one is meant is for the person to say.
  if (found.length > 1)
    throw failures.unclear(
      text,
      found.map(({ chain }) => chain.ref),
    );
  return found;
}

/** The one for something that changes it. @throws Fail as {@link meant} */
export function theOne(chains: Chains, wanted: string | null): NameChain {
  const [first, ...others] = meant(chains, wanted);
  if (first === undefined) throw failures.noLedger();
  if (others.length === 0 || first.chain.kind === 'own') return first;
  throw failures.whichLedger([first, ...others].map(({ shown }) => shown.label));
}
