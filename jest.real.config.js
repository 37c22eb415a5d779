import base from './jest.config.js'

/** Tests against parts that nobody here wrote: a Docker engine, a registry, other clients, Node 24, a browser. */
export default {
  ...base,
  testMatch: ['<rootDir>/__tests__/real/**/*.test.ts'],
  testPathIgnorePatterns: [],
  maxWorkers: 1,
  testTimeout: 120_000
}
