import { defineConfig } from 'vitest/config';

// Packages of the workspace resolve to their sources, so that specs need no build.
const conditions = ['darkroom-source', 'node', 'development|production'];

// Nest's dependency injection reads the constructor types that legacy decorators leave behind.
const oxc = { decorator: { legacy: true, emitDecoratorMetadata: true } };

const resolution = {
  oxc,
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['node', 'module-sync'] } },
};

export default defineConfig({
  ...resolution,
  test: {
    // Specs wait for processes and timers as often as they compute; one file less than there are cores, as usual, would leave half of two idle.
    maxWorkers: 2,
    projects: [
      {
        ...resolution,
        test: {
          name: 'unit',
          include: ['libs/*/src/**/*.spec.ts', 'apps/*/src/**/*.spec.ts', 'tools/*/src/**/*.spec.ts'],
          exclude: ['apps/e2e/**', '**/dist/**', '**/node_modules/**'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...resolution,
        test: {
          name: 'e2e',
          include: ['apps/e2e/src/**/*.spec.ts'],
          // The files share the machine's two cores and each starts a whole platform; deadlines and forecasts are about the time that is left.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
