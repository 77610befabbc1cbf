import { defineConfig } from '@playwright/test';
import { chromiumArguments, chromiumEnvironment, chromiumPath } from './e2e/harness/chromium.ts';

/**
 * The whole story in a real Chromium against the real daemon (`web`), and the Electron shell where its runtime is
 * present (`shell`). One worker: the machines of the tests and the browser share the cores, and two agents at once
 * would measure each other.
 */
const executablePath = chromiumPath();

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: process.env.CI !== undefined,
  timeout: 300_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    launchOptions: {
      args: chromiumArguments(),
      env: chromiumEnvironment(),
      ...(executablePath === null ? {} : { executablePath }),
    },
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    actionTimeout: 30_000,
    // Evidence is kept only of what failed; traces (`--trace on`) would slow every test down by a third.
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'web', testDir: 'e2e/web' },
    { name: 'shell', testDir: 'e2e/shell' },
  ],
});
