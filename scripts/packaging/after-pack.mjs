import path from 'node:path';
import { flipFuses } from '@electron/fuses';
import { Arch } from 'electron-builder';
import { fuses } from './fuses.ts';

/** electron-builder calls this when all files are in place and before anything is signed. */
export default async function afterPack(context) {
  const { electronPlatformName, appOutDir, packager, arch } = context;
  const name = packager.appInfo.productFilename;
  const program =
    electronPlatformName === 'darwin'
      ? path.join(appOutDir, `${name}.app`, 'Contents', 'MacOS', name)
      : path.join(appOutDir, electronPlatformName === 'win32' ? `${name}.exe` : packager.executableName);
  await flipFuses(program, {
    ...fuses(process.env.HYPHA_TEST_BUILD === '1' ? 'test' : 'release'),
    resetAdHocDarwinSignature: electronPlatformName === 'darwin' && arch === Arch.arm64,
  });
}
