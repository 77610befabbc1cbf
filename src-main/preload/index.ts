import { contextBridge, ipcRenderer } from 'electron';
import { coreMessageKind, goMessageKind, portMessageKind, type ShellBridge } from '#shared/contract/hand-over.ts';

/**
 * Runs sandboxed in the window before the page. Hands over the port to the agent when the page asks for it, and passes
 * two kinds of messages on; nothing else crosses.
 */
const bridge: ShellBridge = {
  requestPort: () => ipcRenderer.send('hypha:request-port'),
};
contextBridge.exposeInMainWorld('hyphaShell', bridge);

ipcRenderer.on(portMessageKind, (event) => {
  window.postMessage(portMessageKind, location.origin, event.ports as MessagePort[]);
});
ipcRenderer.on(goMessageKind, (_event, path: string) => {
  window.postMessage({ kind: goMessageKind, path }, location.origin);
});
ipcRenderer.on(coreMessageKind, (_event, state: string, detail: string) => {
  window.postMessage({ kind: coreMessageKind, state, detail }, location.origin);
});
