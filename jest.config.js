import { availableParallelism } from 'node:os'

/** Tests that need Node, npm and git, and nothing else. */
export default {
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/__tests__/real/'],
  globalSetup: './__tests__/support/run-directory.js',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }]
  },
  // Half of the work is done by child processes, and suites that wait for them or for time leave a core idle: one more.
  maxWorkers: availableParallelism() + 1,
  testSequencer: './__tests__/support/sequencer.js',
  // Modules of one test file are not all let go with it.
  workerIdleMemoryLimit: '1GB',
  testTimeout: 30_000
}
