/**
 * What the interface may ask of Chromium. Everything not listed is refused, and so is everything that another origin
 * asks. Each entry that is allowed says why; a few that are refused say why, because people wonder.
 */
const table: Readonly<Record<string, { readonly allowed: boolean; readonly why: string }>> = {
  'clipboard-sanitized-write': {
    allowed: true,
    why: 'copy buttons (addresses, commands); never the recovery phrase by itself',
  },
  fullscreen: { allowed: true, why: 'video preview and the console' },
  'clipboard-read': { allowed: false, why: 'pasting works without it, and it would read whatever else was copied' },
  notifications: { allowed: false, why: 'the main process shows them, by its own rules' },
  media: { allowed: false, why: 'nothing here uses camera or microphone' },
  geolocation: { allowed: false, why: 'nothing here needs a position' },
  openExternal: { allowed: false, why: 'links go through the allow list in navigation.ts' },
  fileSystem: { allowed: false, why: 'files come by drag, by picker and through the vault' },
};

/** For Electron's request and check handlers alike; `origin` is where the request comes from. */
export function isPermitted(permission: string, origin: string): boolean {
  return origin === 'app://hypha' && (table[permission]?.allowed ?? false);
}

/** Origin of an address as Electron hands it over: with a path, or with a closing slash. */
export function originOf(address: string | undefined): string {
  if (address === undefined || !URL.canParse(address)) return 'null';
  const { protocol, host } = new URL(address);
  return `${protocol}//${host}`;
}
