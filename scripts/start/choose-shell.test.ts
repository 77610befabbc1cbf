import { describe, expect, it } from 'vitest';
import { chooseShell, type StartFacts, sandboxRefusal } from './choose-shell.ts';

const here: StartFacts = {
  headless: false,
  platform: 'linux',
  display: true,
  root: false,
  sandboxRefused: null,
  runtimeMissing: async () => null,
};
const never = async () => {
  throw new Error('the runtime was looked for in vain');
};

describe('how npm start shows the interface', () => {
  it('opens a window where everything for it is there', async () => {
    expect(await chooseShell(here)).toEqual({ shell: 'electron' });
    expect(await chooseShell({ ...here, platform: 'win32', root: true })).toEqual({ shell: 'electron' });
  });

  it('says nothing when the headless agent was asked for', async () => {
    expect(await chooseShell({ ...here, headless: true, runtimeMissing: never })).toEqual({
      shell: 'daemon',
      why: null,
    });
  });

  it('says in one line why there is no window, without fetching what could not be used', async () => {
    const why = async (facts: Partial<StartFacts>) => {
      const choice = await chooseShell({ ...here, runtimeMissing: never, ...facts });
      return choice.shell === 'daemon' ? choice.why : null;
    };
    expect(await why({ display: false })).toMatch(/no display/);
    expect(await why({ root: true })).toMatch(/root/);
    expect(await why({ sandboxRefused: 'no namespaces' })).toMatch(/no namespaces/);
    expect(await why({ runtimeMissing: async () => 'no runtime' })).toMatch(/^no runtime; showing/);
  });
});

describe('what a kernel allows', () => {
  const free = {
    unprivilegedUsernsClone: '1\n',
    apparmorRestrict: null,
    maxUserNamespaces: '15000\n',
    setuidHelper: false,
  };
  it('is read from its settings', () => {
    expect(sandboxRefusal(free)).toBeNull();
    expect(sandboxRefusal({ ...free, unprivilegedUsernsClone: '0\n' })).toMatch(/namespaces are off/);
    expect(sandboxRefusal({ ...free, maxUserNamespaces: '0' })).toMatch(/namespaces are off/);
    expect(sandboxRefusal({ ...free, apparmorRestrict: '1\n' })).toMatch(/AppArmor/);
    expect(sandboxRefusal({ ...free, apparmorRestrict: '1\n', setuidHelper: true })).toBeNull();
  });
});
