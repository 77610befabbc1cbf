/**
 * Which requests belong to the interface this daemon serves. A page of the internet can make a browser send requests
 * to a loopback port, and by DNS rebinding even with its own name in `Host`; neither gets past these two checks.
 */
export function loopbackHosts(port: number): ReadonlySet<string> {
  return new Set([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]);
}

export function isOwnHost(host: string | undefined, port: number): boolean {
  return host !== undefined && loopbackHosts(port).has(host.toLowerCase());
}

/** `Origin` is the very origin that the page was served from: the scheme and the `Host` of this request. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined, port: number): boolean {
  return isOwnHost(host, port) && origin === `http://${host?.toLowerCase()}`;
}
