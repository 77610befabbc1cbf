/** What is known of this computer when `npm start` decides how to show the interface. */
export interface StartFacts {
  readonly headless: boolean;
  readonly platform: NodeJS.Platform;
  /** DISPLAY or WAYLAND_DISPLAY; always true off Linux. */
  readonly display: boolean;
  readonly root: boolean;
  /** Linux: why the kernel gives an ordinary user no sandbox; null when it does. */
  readonly sandboxRefused: string | null;
  /** Why the Electron runtime is not there; null when it is. Asked last, because getting it may take a while. */
  runtimeMissing(): Promise<string | null>;
}

export type Choice =
  | { readonly shell: 'electron' }
  /** `why` is the one line the person sees; null when it was asked for. */
  | { readonly shell: 'daemon'; readonly why: string | null };

/** A window where that can work, otherwise the same interface as a local web page, with the reason. */
export async function chooseShell(facts: StartFacts): Promise<Choice> {
  if (facts.headless) return { shell: 'daemon', why: null };
  const web = (why: string): Choice => ({ shell: 'daemon', why: `${why}; showing the interface as a local web page` });
  if (!facts.display) return web('there is no display here');
  if (facts.root && facts.platform === 'linux') return web('Electron’s sandbox does not run as root');
  if (facts.sandboxRefused !== null) return web(facts.sandboxRefused);
  const missing = await facts.runtimeMissing();
  return missing === null ? { shell: 'electron' } : web(missing);
}

/**
 * Whether a Linux kernel lets an ordinary user make the namespaces that Chromium's sandbox is built on. The texts are
 * those of the files; null where a file is not there. A set-uid `chrome-sandbox` beside Electron does without.
 */
export function sandboxRefusal(kernel: {
  readonly unprivilegedUsernsClone: string | null;
  readonly apparmorRestrict: string | null;
  readonly maxUserNamespaces: string | null;
  readonly setuidHelper: boolean;
}): string | null {
  if (kernel.setuidHelper) return null;
  if (kernel.unprivilegedUsernsClone?.trim() === '0' || kernel.maxUserNamespaces?.trim() === '0') {
    return 'this kernel gives ordinary users no sandbox (user namespaces are off)';
  }
  if (kernel.apparmorRestrict?.trim() === '1') {
    return 'this system restricts Electron’s sandbox (AppArmor and user namespaces); the .deb package brings the rule that allows it';
  }
  return null;
}
