import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// `npm test` builds first, in the same process, and Vite's build leaves NODE_ENV=production behind. Under it React gives
// out its production build, which has no `act`: every test that renders would fail.
process.env.NODE_ENV = 'test';

/** Two projects: `node` for everything that runs in the core, `dom` for the renderer. Real parts (QEMU, sockets) run in `node`. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          include: [
            'src-main/**/*.test.ts',
            'src-shared/**/*.test.ts',
            'scripts/**/*.test.ts',
            'bench/**/*.test.ts',
            // Minutes long and in need of more programs; run by hand before a release.
            ...(process.env.HYPHA_SLOW === '1' ? ['src-main/**/slow/*.slow.ts'] : []),
          ],
          // Only to end what hangs: how long a test takes says how busy the computer is.
          testTimeout: 300_000,
          hookTimeout: 300_000,
          expect: { poll: { timeout: 60_000 } },
        },
      },
      {
        plugins: [react()],
        test: {
          name: 'dom',
          environment: 'happy-dom',
          include: ['src-renderer/**/*.test.{ts,tsx}'],
          setupFiles: ['src-renderer/testing/setup.ts'],
          testTimeout: 120_000,
          expect: { poll: { timeout: 60_000 } },
        },
      },
    ],
  },
});
