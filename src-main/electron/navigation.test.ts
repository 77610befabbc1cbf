import { describe, expect, it } from 'vitest';
import { isOwnAddress, isOwnRequest, isSafeOutside } from './navigation.ts';
import { isPermitted, originOf } from './permissions.ts';

describe('where the window may go', () => {
  it('stays on its own origin', () => {
    expect(isOwnAddress('app://hypha/machines')).toBe(true);
    for (const other of [
      'app://hypha.evil/',
      'app://evil/',
      'https://hypha/',
      'file:///x',
      'about:blank',
      '',
      'javascript:1',
    ]) {
      expect(isOwnAddress(other)).toBe(false);
    }
  });

  it('loads only from itself', () => {
    for (const own of ['app://hypha/a.js', 'blob:app://hypha/1-2', 'data:image/svg+xml,x'])
      expect(isOwnRequest(own)).toBe(true);
    for (const other of [
      'https://example.org/x.js',
      'blob:https://x/1',
      'data:text/html,x',
      'file:///etc/passwd',
      'ws://127.0.0.1:1/',
      'devtools://x',
    ]) {
      expect(isOwnRequest(other)).toBe(false);
    }
  });

  it('hands only plain links to other programs', () => {
    for (const safe of [
      'https://example.org/a?b#c',
      'mailto:a@example.org',
      'http://127.0.0.1:8080/',
      'http://localhost:1/',
      'http://[::1]:1/',
    ]) {
      expect(isSafeOutside(safe)).toBe(true);
    }
    for (const unsafe of [
      'http://example.org/',
      'file:///bin/sh',
      'javascript:1',
      'smb://x/y',
      'ms-msdt:x',
      'hypha://open/task/a',
      'https://user:pw@example.org/',
      'http://127.0.0.1.example.org/',
      'x',
    ]) {
      expect(isSafeOutside(unsafe)).toBe(false);
    }
  });
});

describe('permissions', () => {
  it('are denied unless listed, and always to others', () => {
    expect(isPermitted('clipboard-sanitized-write', 'app://hypha')).toBe(true);
    for (const denied of ['media', 'geolocation', 'usb', 'constructor', '__proto__', 'anything-new']) {
      expect(isPermitted(denied, 'app://hypha')).toBe(false);
    }
    expect(isPermitted('fullscreen', 'https://example.org')).toBe(false);
    expect(originOf('app://hypha/')).toBe('app://hypha');
    expect(originOf(undefined)).toBe('null');
  });
});
