import { app, type Session, shell, type WebContents } from 'electron';
import { isOwnAddress, isOwnRequest, isSafeOutside } from './navigation.ts';
import { isPermitted, originOf } from './permissions.ts';

/** Permissions, requests and devices of the one session: denied unless a table says otherwise. */
export function lockSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(isPermitted(permission, originOf(details.requestingUrl)));
  });
  session.setPermissionCheckHandler((_contents, permission, origin) => isPermitted(permission, originOf(origin)));
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isOwnRequest(details.url) }));
  // Spelling dictionaries would be fetched from a server of Google's.
  session.setSpellCheckerEnabled(false);
}

/** Every web contents the app ever makes, whoever makes it: no way out of its own origin. */
export function lockAllContents(): void {
  app.on('web-contents-created', (_event, contents) => lockContents(contents));
}

function lockContents(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    if (!isOwnAddress(event.url)) {
      event.preventDefault();
      openOutside(event.url);
    }
  });
  contents.on('will-frame-navigate', (event) => {
    if (!isOwnRequest(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isOwnAddress(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url);
    return { action: 'deny' };
  });
}

function openOutside(address: string): void {
  if (isSafeOutside(address)) void shell.openExternal(address);
}
