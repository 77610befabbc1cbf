import { describe, expect, it } from 'vitest';
import { installCommand, missingTools, objection } from './packages.ts';

const line = (file: string) => `-rw-r--r-- root/root       123 2024-01-01 00:00 ${file}`;

describe('what npm test may install', () => {
  it('refuses a kernel and whatever starts a service', () => {
    expect(objection('linux-image-amd64', '')).toMatch(/starts/);
    expect(objection('libvirt-daemon-system', line('./lib/systemd/system/libvirtd.service'))).toMatch(
      /libvirtd\.service/,
    );
    expect(objection('openssh-server', `${line('./usr/sbin/sshd')}\n${line('./etc/init.d/ssh')}`)).toMatch(
      /init\.d\/ssh/,
    );
    expect(objection('cronie', line('./etc/cron.daily/x'))).toMatch(/cron/);
  });

  it('lets plain programs and the known few pass', () => {
    expect(objection('chromium', `${line('./usr/bin/chromium')}\n${line('./usr/share/doc/init.d/x')}`)).toBeNull();
    expect(objection('x11-common', line('./etc/init.d/x11-common'))).toBeNull();
  });

  it('names one command for the system at hand', () => {
    const missing = missingTools('linux', (name) => !/^(chromium|qemu)/.test(name));
    expect(installCommand('linux', missing)).toBe(
      'sudo apt-get install --no-install-recommends chromium qemu-system-x86 qemu-utils',
    );
    expect(missingTools('darwin', () => false).map((one) => one.program)).not.toContain('chromium');
    expect(
      installCommand(
        'darwin',
        missingTools('darwin', (name) => name === 'ssh'),
      ),
    ).toMatch(/^brew install qemu( |$)/);
    expect(missingTools('linux', () => true)).toEqual([]);
  });
});
