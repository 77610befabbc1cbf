/** Where a peer listens: `tcp://host:port`, an IPv6 address in brackets. Unlike the daemon's, ours may name a host. */
export interface Endpoint {
  readonly scheme: 'tcp';
  readonly host: string;
  readonly port: number;
}

export const defaultPort = 9651;

/** @returns null when the text names no endpoint we can dial */
export function parseEndpoint(text: string): Endpoint | null {
  const match = /^([a-z]+):\/\/(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text.trim());
  if (match === null || match[1]?.toLowerCase() !== 'tcp') return null;
  const host = match[2] ?? match[3] ?? '';
  const port = match[4] === undefined ? defaultPort : Number(match[4]);
  return host === '' || port < 1 || port > 65_535 ? null : { scheme: 'tcp', host, port };
}

export function endpointText({ scheme, host, port }: Endpoint): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
