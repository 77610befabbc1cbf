import { fail } from '#shared/rpc/fail.ts';

/** Where a chain is asked. */
export interface RpcAddress {
  readonly url: string;
  /** Without what may be a key: keys of RPC services stand in the path, the query or before the host. */
  readonly shown: string;
  /** Whoever is on the way sees what is asked, and can answer something else. */
  readonly unencrypted: boolean;
}

/**
 * Read the address of an RPC server: `https:`, or `http:` where the way stays on this computer or in a network of one's own.
 *
 * @throws Fail RPC_INVALID
 */
export function readRpcAddress(text: string): RpcAddress {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw fail('RPC_INVALID', 'This is no address of an RPC server.', {
      next: 'Give one that begins with https://, as the service that runs it shows it.',
    });
  }
  const unencrypted = url.protocol === 'http:';
  if (unencrypted && !isNear(url.hostname)) {
    throw fail('RPC_INVALID', `${url.host} would be asked without encryption.`, {
      meaning: 'Whoever is on the way would see your accounts and could show you money that is not there.',
      next: 'Use its address with https://. Without encryption only servers on this computer or in your own network are asked.',
    });
  }
  url.hash = '';
  const hides = url.pathname.length > 1 || url.search !== '' || url.username !== '' || url.password !== '';
  return { url: url.href, shown: `${url.protocol}//${url.host}${hides ? '/…' : ''}`, unencrypted };
}

/** This computer, or a network that is not the internet: RFC 1918, link-local, unique local (RFC 4193). */
function isNear(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  if (/^\[.*\]$/.test(host)) {
    const address = host.slice(1, -1);
    return address === '::1' || /^(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):/.test(address);
  }
  const parts = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(host);
  if (parts === null) return false;
  const [a, b] = [Number(parts[1]), Number(parts[2])];
  return (
    a === 127 || a === 10 || (a === 192 && b === 168) || (a === 172 && b >= 16 && b < 32) || (a === 169 && b === 254)
  );
}
