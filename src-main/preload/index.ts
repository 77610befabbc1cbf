import { contextBridge, ipcRenderer } from 'electron';
import { portMessageKind, type ShellBridge } from '#shared/contract/hand-over.ts';

/** Runs sandboxed in the window before the page. Hands over the port to the agent when the page asks; nothing else. */
const bridge: ShellBridge = {
  requestPort: () => ipcRenderer.send('hypha:request-port'),
};
contextBridge.exposeInMainWorld('hyphaShell', bridge);

ipcRenderer.on(portMessageKind, (event) => {
  window.postMessage(portMessageKind, location.origin, event.ports as MessagePort[]);
});
