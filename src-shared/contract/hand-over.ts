/**
 * How the Electron window gets its port to the agent. The sandboxed preload puts one function on the page; the page
 * asks, the main process makes a channel, and the port arrives as a message event of the window:
 *
 *     window.hyphaShell.requestPort()   ->  preload  ->  main
 *     window 'message' { data: 'hypha:port', ports: [port] }
 *
 * On request and not on load: a port sent while the page loads is lost when nobody listens yet. When the core ends, its
 * ports close; the page then asks for a new one, as often as it needs.
 */
export const portMessageKind = 'hypha:port';

/** What the preload puts on `window` under `hyphaShell`; absent in a browser. */
export interface ShellBridge {
  requestPort(): void;
}
