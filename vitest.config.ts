import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/*.test.ts'],
    globalSetup: 'test/support/bundle-cli.ts',
    // Tests that start whole processes share two cores with all the others.
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
