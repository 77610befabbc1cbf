/**
 * How the Electron window gets its port to the agent. The sandboxed preload puts one function on the page; the page
 * asks, the main process makes a channel, and the port arrives as a message event of the window:
 *
 *     window.hyphaShell.requestPort()   ->  preload  ->  main
 *     window 'message' { data: 'hypha:port', ports: [port] }
 *
 * On request and not on load: a port sent while the page loads is lost when nobody listens yet.
 */
export const portMessageKind = 'hypha:port';
/** Sent to the page when it should show an address of the interface (deep link, notification, tray, menu). */
export const goMessageKind = 'hypha:go';
/** Sent to the page when the core ended and again when it is back; ports must then be requested anew. */
export const coreMessageKind = 'hypha:core';

export type ShellMessage =
  | { readonly kind: typeof goMessageKind; readonly path: string }
  | {
      readonly kind: typeof coreMessageKind;
      readonly state: 'restarting' | 'running' | 'failed';
      readonly detail: string;
    };

/** What the preload puts on `window` under `hyphaShell`; absent in a browser. */
export interface ShellBridge {
  requestPort(): void;
}
