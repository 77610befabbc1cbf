import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { machineNameSchema, machineSpecSchema } from '#shared/contract/machines.ts';
import { type DeployForm, deployFormSchema } from './form-schema.ts';
import { misfit, presetOf, presets, smallestFit, suggestName } from './presets.ts';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJvYg me@laptop';
const form: DeployForm = {
  image: 'micro' as never,
  name: 'web-1',
  cpus: 1,
  memoryMiB: 256,
  diskMiB: 0,
  sshKeys: '',
  userData: '',
  internet: false,
  firewall: [],
  autostart: false,
};
const wrong = (change: Partial<DeployForm>) => {
  const { error } = deployFormSchema.safeParse({ ...form, ...change });
  return error?.issues.map((i) => `${i.path.join('.')}: ${i.message}`) ?? [];
};

describe('the deploy form', () => {
  it('gives what machines.deploy takes', () => {
    const spec = deployFormSchema.parse({ ...form, sshKeys: `# mine\n${key}\n\n  ${key}  \n` });
    expect(spec.sshKeys).toEqual([key, key]);
    expect(machineSpecSchema.parse(spec)).toEqual(spec);
  });

  it('says what is wrong with which field', () => {
    expect(wrong({ name: 'Web 1' })).toEqual(['name: Use 1 to 32 small letters, digits and hyphens.']);
    expect(wrong({ cpus: 0 })[0]).toMatch(/^cpus/);
    expect(wrong({ memoryMiB: 12.5 })[0]).toMatch(/^memoryMiB/);
    expect(wrong({ sshKeys: 'hello' })).toEqual(['sshKeys: keys.wrong']);
    expect(wrong({ sshKeys: `${key}\nhello` })).toEqual(['sshKeys: keys.wrongLine:2']);
    expect(wrong({ sshKeys: '-----BEGIN OPENSSH PRIVATE KEY-----' })).toEqual(['sshKeys: keys.private']);
  });

  it('suggests names that are free and that the contract takes', () => {
    expect(suggestName('micro', ['micro-1', 'micro-2'])).toBe('micro-3');
    expect(suggestName('hypha-micro-amd64', [])).toBe('micro-1');
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (image, taken) => {
        const name = suggestName(image, taken);
        expect(taken).not.toContain(name);
        expect(machineNameSchema.safeParse(name).success).toBe(true);
      }),
    );
  });

  it('offers the smallest size that image and computer allow', () => {
    const computer = { cpus: 2, memoryMiB: 4096, freeDisk: 100 * 1024 ** 3 };
    expect(smallestFit({ image: { minMemoryMiB: 64, minDiskMiB: 0 }, computer })).toBe('tiny');
    expect(smallestFit({ image: { minMemoryMiB: 512, minDiskMiB: 3000 }, computer })).toBe('small');
    expect(smallestFit({ image: { minMemoryMiB: 8192, minDiskMiB: 0 }, computer })).toBeNull();
    expect(misfit(presets.large, { image: null, computer })).toBe('computer');
    expect(presetOf(presets.medium)).toBe('medium');
    expect(presetOf({ ...presets.medium, cpus: 3 })).toBeNull();
  });
});
