import type { KeyringState } from '#shared/contract/shell.ts';

/** What Electron's safeStorage tells; `backend` is its answer on Linux, where there are several. */
export interface SafeStorageFacts {
  readonly platform: NodeJS.Platform;
  readonly available: boolean;
  readonly backend: string | null;
}

const linuxNames: Readonly<Record<string, string>> = {
  gnome_libsecret: 'the desktop’s secret service (libsecret)',
  kwallet: 'KWallet',
  kwallet5: 'KWallet',
  kwallet6: 'KWallet',
};

/**
 * Whether a secret is really kept by the operating system. `basic_text` is Chromium's fallback where no keyring runs:
 * it "encrypts" with a password written in its source (Electron, safeStorage), so it protects nothing and is refused.
 */
export function keyringState({ platform, available, backend }: SafeStorageFacts): KeyringState {
  if (platform === 'darwin') {
    return available
      ? { usable: true, detail: 'The macOS keychain keeps it.' }
      : { usable: false, detail: 'The macOS keychain cannot be reached.' };
  }
  if (platform === 'win32') {
    return available
      ? { usable: true, detail: 'Windows keeps it for your user account (DPAPI).' }
      : { usable: false, detail: 'Windows’ data protection cannot be reached.' };
  }
  if (backend === 'basic_text') {
    return {
      usable: false,
      detail:
        'No keyring runs on this desktop. What Electron would use instead (basic_text) hides a secret but does not protect it, so it is not used.',
    };
  }
  const name = backend === null ? undefined : linuxNames[backend];
  if (!available || name === undefined) {
    return { usable: false, detail: 'No keyring was found on this desktop; GNOME Keyring or KWallet would be used.' };
  }
  return { usable: true, detail: `Kept by ${name}.` };
}
