import { type FuseConfig, FuseV1Options, FuseVersion } from '@electron/fuses';

/**
 * Every fuse of the Electron program, written down. `strictlyRequireAllFuses` makes packing fail when a newer Electron
 * brings one that is not listed here. A test build differs by one: Playwright drives the app through the inspector.
 */
export function fuses(build: 'release' | 'test'): FuseConfig {
  return {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
    // ELECTRON_RUN_AS_NODE would make the signed program run anybody's script in its name.
    [FuseV1Options.RunAsNode]: false,
    // The profile's cookies are sealed with the keyring.
    [FuseV1Options.EnableCookieEncryption]: true,
    // NODE_OPTIONS could load foreign code into the main process.
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: build === 'test',
    // A changed app.asar is not loaded (macOS and Windows check it).
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
    [FuseV1Options.OnlyLoadAppFromAsar]: true,
    // No snapshot of our own is shipped.
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    // Pages come over app://; file:// gets nothing beyond the web's rules.
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
    // Bounds of WebAssembly memory (libsodium, the erasure kernel) by the processor instead of by checks.
    [FuseV1Options.WasmTrapHandlers]: true,
  };
}
