import { type Hex, hexToString } from 'viem';
import type { Caller, Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { Accounts, TypedData } from '#core/evm/accounts.ts';
import type { Chain, Chains } from '#core/evm/chain.ts';
import type { Emit, Host, Logger } from '#core/host.ts';
import type { Review } from '#shared/contract/wallet/review.ts';
import type { ConnectedSite, walletSitesContract } from '#shared/contract/wallet/sites.ts';
import type { ChainRef, EvmAddress } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import { checked } from '../guards/addresses.ts';
import { parseTyped } from '../reading/typed.ts';
import { amountWords, plainText } from '../reading/words.ts';
import type { Reviewer } from '../review/reviewer.ts';
import { createAnswers } from './answers.ts';
import { createAsking } from './asking.ts';
import { createMemory } from './memory.ts';
import { type ProviderServer, serveSites } from './server.ts';
import { openSiteList, type SiteList } from './site-list.ts';

type SitesContract = typeof walletSitesContract;

export interface ProviderDeps {
  readonly host: Host;
  readonly log: Logger;
  readonly emit: Emit;
  readonly home: string;
  readonly chains: Chains;
  readonly accounts: Accounts;
  readonly reviewer: Reviewer;
  /** A message by EIP-191. @throws Fail LOCKED, NOT_FOUND */
  readonly signMessage: (from: EvmAddress, message: Hex) => Promise<Hex>;
  /** The broker: every single request of a site goes through it. */
  readonly invoke: (caller: Caller, method: string, input: unknown, signal: AbortSignal) => Promise<unknown>;
}

export interface Provider {
  readonly handlers: Handlers<SitesContract>;
  readonly checks: Checks<SitesContract>;
  readonly naming: Naming<SitesContract>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A wallet for web pages, as EIP-1193 has it: off unless the person turns it on, one account a site, each request asked. */
export async function createProvider(deps: ProviderDeps): Promise<Provider> {
  const { host, log, emit, chains, accounts, reviewer } = deps;
  const sites: SiteList = await openSiteList(deps.home, log);
  let server: ProviderServer | null = null;
  /** What was found out about a request before the person is asked, to be shown with the question. */
  const reviews = createMemory<string>(64);

  const answers = createAnswers({
    chains,
    main: () => accounts.main(),
    connected: sites.of,
    ask: createAsking(host, deps.invoke),
  });

  const changed = () => emit({ topic: 'wallet', ids: [] });
  const connectedWith = (site: string, account: string): ConnectedSite => {
    const found = sites.of(site);
    const mine = accounts.list().some((one) => one.toLowerCase() === account.toLowerCase());
    if (found === null || found.account.toLowerCase() !== account.toLowerCase() || !mine)
      throw fail('NO_ACCOUNT', 'This site does not see this account of yours.', { meaning: 'Nothing was signed.' });
    return found;
  };
  const chainOf = (ref: ChainRef): Chain => {
    const chain = chains.find(ref);
    if (chain === null) throw fail('NOT_FOUND', `There is no chain ${ref} among yours.`);
    return chain;
  };
  const lower = (text: string) => text.toLowerCase() as Hex;
  const wordsOf = ({ title, warnings, outcome }: Review): string =>
    [
      title,
      ...(outcome?.changes ?? []).filter(({ who }) => who.kind === 'own').map(({ text }) => `Your account: ${text}`),
      ...warnings.map(({ text, severity }) => (severity === 'danger' ? `Danger: ${text}` : text)),
    ].join('\n');
  const callOf = (input: { from: string; to?: string | undefined; data: string; value: string }) => ({
    from: lower(checked(input.from)),
    to: input.to === undefined ? null : lower(checked(input.to)),
    data: lower(input.data),
    value: BigInt(input.value),
  });
  const onItsChain = (chain: Chain, typed: string): TypedData => {
    const { domain, types, primaryType, message } = parseTyped(typed);
    if (domain.chainId !== undefined && domain.chainId !== chain.chainId)
      throw fail('CHAIN_OTHER', 'The typed data is for another chain than the one this site works with.', {
        meaning: 'Nothing was signed.',
        next: 'Let the site switch to that chain first.',
      });
    const { EIP712Domain: _, ...without } = types;
    return { domain, types: without, primaryType, message } as TypedData;
  };
  const messageWords = (site: string, message: string): string => {
    const text = hexToString(message as Hex);
    const readable = !/[\p{Cc}\p{Cf}\uFFFD]/u.test(text.replaceAll('\n', ''));
    const shown = readable ? text : `bytes that are no text: ${plainText(message)}`;
    // ERC-4361: whoever gets such a signature can log in at the site that it names.
    const named = /^(?:https?:\/\/)?(\S+) wants you to sign in with your Ethereum account/.exec(text)?.[1];
    return named !== undefined && named !== new URL(site).host
      ? `Danger: this logs somebody in at ${named}, and another site asks for it.\n${shown}`
      : shown;
  };

  const open = async (port: number) => {
    server = await serveSites(port, answers, host, log);
    return server;
  };

  return {
    handlers: {
      'wallet.sites': () => ({
        on: server !== null,
        url: server === null ? null : `http://127.0.0.1:${server.port}`,
        sites: [...sites.all()],
      }),
      async 'wallet.sitesOn'({ port }, context) {
        if (server !== null && port !== undefined && server.port !== port) {
          await server.close();
          server = null;
        }
        server ??= await open(port ?? sites.port() ?? 0);
        await sites.setPort(server.port);
        context.undo('wallet.sitesOff', {});
        changed();
        return { url: `http://127.0.0.1:${server.port}` };
      },
      async 'wallet.sitesOff'(_, context) {
        if (server !== null) context.undo('wallet.sitesOn', { port: server.port });
        await server?.close();
        server = null;
        await sites.setPort(null);
        changed();
        return {};
      },
      async 'wallet.forgetSite'({ site }) {
        if (!(await sites.remove(site))) throw fail('NOT_FOUND', `${site} sees no account of yours.`);
        changed();
        return {};
      },
      async 'wallet.siteConnect'({ site, account, chain }, context) {
        if (!accounts.list().some((one) => one.toLowerCase() === account.toLowerCase()))
          throw fail('NO_ACCOUNT', 'This is no account of yours.');
        const connected = { site, account: checked(account), chain: chainOf(chain).ref, since: host.now() };
        await sites.put(connected);
        context.undo('wallet.forgetSite', { site });
        changed();
        return connected;
      },
      async 'wallet.siteSwitch'({ site, chain }) {
        const known = sites.of(site);
        if (known === null) throw fail('NOT_FOUND', `${site} sees no account of yours.`);
        const connected = { ...known, chain: chainOf(chain).ref };
        await sites.put(connected);
        changed();
        return connected;
      },
      async 'wallet.siteSend'(input) {
        connectedWith(input.site, input.from);
        const { from, to, data, value } = callOf(input);
        const hash = await accounts.send({
          chain: chainOf(input.chain).ref,
          from: checked(from),
          to: to === null ? null : checked(to),
          data,
          value,
          key: `site ${Buffer.from(host.random(16)).toString('hex')}`,
          about: `For ${input.site}: ${(reviews.get(input) ?? 'what it asked for').split('\n')[0]}`,
        });
        return { hash };
      },
      async 'wallet.siteSign'({ site, account, message }) {
        connectedWith(site, account);
        return { signature: await deps.signMessage(checked(account), lower(message)) };
      },
      async 'wallet.siteSignTyped'({ site, account, chain, typed }) {
        connectedWith(site, account);
        const data = onItsChain(chainOf(chain), typed);
        return { signature: await accounts.signTypedData(checked(account), data) };
      },
    },
    checks: {
      async 'wallet.siteSend'(input) {
        connectedWith(input.site, input.from);
        reviews.put(input, wordsOf(await reviewer.call(chainOf(input.chain), callOf(input))));
      },
      'wallet.siteSign': ({ site, account }) => void connectedWith(site, account),
      async 'wallet.siteSignTyped'(input) {
        connectedWith(input.site, input.account);
        const chain = chainOf(input.chain);
        onItsChain(chain, input.typed);
        reviews.put(input, wordsOf(await reviewer.typed(chain, lower(input.account), input.typed)));
      },
    },
    naming: {
      'wallet.siteConnect': ({ chain }) => ({ chain: chains.find(chain)?.name }),
      'wallet.siteSwitch': ({ chain }) => ({ chain: chains.find(chain)?.name }),
      'wallet.siteSend': (input) => {
        const chain = chains.find(input.chain);
        const party = chain === null || input.to === undefined ? null : reviewer.party(chain, input.to);
        return {
          data: reviews.get(input),
          value: amountWords(BigInt(input.value), chain?.coin ?? { symbol: 'wei', decimals: 0 }),
          chain: chain?.name,
          to: party === null || party.name === null ? undefined : `“${party.name}” (${party.address})`,
        };
      },
      'wallet.siteSign': ({ site, message }) => ({ message: messageWords(site, message) }),
      'wallet.siteSignTyped': (input) => ({ typed: reviews.get(input), chain: chains.find(input.chain)?.name }),
    },
    async start() {
      const port = sites.port();
      if (port === null) return;
      await open(port).catch((error: unknown) => log.warn({ error: String(error) }, 'sites cannot reach the wallet'));
    },
    async stop() {
      await server?.close();
      server = null;
    },
  };
}
