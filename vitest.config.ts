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

// Waiting is for conditions, however busy the machine is; one that does not come about fails all the same.
const expect = { poll: { timeout: 20_000 } };

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
          expect,
          include: ['libs/*/src/**/*.spec.ts', 'apps/*/src/**/*.spec.ts', 'tools/*/src/**/*.spec.ts'],
          exclude: ['apps/e2e/**', '**/dist/**', '**/node_modules/**'],
          // Most of what specs load is the same: a process for each file would spend its time on loading that again.
          isolate: false,
          setupFiles: ['vitest.setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...resolution,
        test: {
          name: 'e2e',
          expect,
          include: ['apps/e2e/src/**/*.spec.ts'],
          exclude: ['apps/e2e/src/cancelling.spec.ts'],
          // Each file starts a whole platform and waits for it as often as it computes; a third fills what two leave of two cores.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        ...resolution,
        test: {
          name: 'e2e-alone',
          expect,
          // Deadlines are foreseen from the machine's pace, which other platforms on it change.
          include: ['apps/e2e/src/cancelling.spec.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
