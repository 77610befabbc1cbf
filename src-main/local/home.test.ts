import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type HomeQuestion, resolveHome } from './home.ts';

const linux: HomeQuestion = {
  asked: undefined,
  env: {},
  platform: 'linux',
  homedir: '/home/ada',
  cwd: '/work',
  path: path.posix,
};
const windows: HomeQuestion = {
  asked: undefined,
  env: { LOCALAPPDATA: 'C:\\Users\\Ada\\AppData\\Local' },
  platform: 'win32',
  homedir: 'C:\\Users\\Ada',
  cwd: 'D:\\work',
  path: path.win32,
};

describe('the data directory', () => {
  it('is where each system keeps application data', () => {
    expect(resolveHome(linux)).toBe('/home/ada/.local/share/hypha');
    expect(resolveHome({ ...linux, env: { XDG_DATA_HOME: '/data' } })).toBe('/data/hypha');
    expect(resolveHome({ ...linux, env: { XDG_DATA_HOME: 'relative' } })).toBe('/home/ada/.local/share/hypha');
    expect(resolveHome({ ...linux, platform: 'darwin', homedir: '/Users/ada' })).toBe(
      '/Users/ada/Library/Application Support/Hypha',
    );
    expect(resolveHome(windows)).toBe('C:\\Users\\Ada\\AppData\\Local\\Hypha');
    expect(resolveHome({ ...windows, env: {} })).toBe('C:\\Users\\Ada\\AppData\\Local\\Hypha');
  });

  it('is the one asked for first, then HYPHA_HOME; both may be relative', () => {
    const env = { HYPHA_HOME: '/from-env', XDG_DATA_HOME: '/data' };
    expect(resolveHome({ ...linux, env })).toBe('/from-env');
    expect(resolveHome({ ...linux, env, asked: 'here' })).toBe('/work/here');
    expect(resolveHome({ ...windows, asked: 'here' })).toBe('D:\\work\\here');
    expect(resolveHome({ ...windows, asked: '\\\\server\\share\\h' })).toBe('\\\\server\\share\\h');
    expect(resolveHome({ ...linux, env: { HYPHA_HOME: '' } })).toBe('/home/ada/.local/share/hypha');
  });
});
