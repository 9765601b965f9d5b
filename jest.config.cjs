/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  moduleNameMapper: {
    '^rocksdb-live$': '<rootDir>/lib/index.ts',
    '^rocksdb-live/metrics$': '<rootDir>/lib/metrics/index.ts',
  },
  // Node 20 knows neither `using` nor types: swc lowers the one and drops the others.
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', explicitResourceManagement: true },
        },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  maxWorkers: 2,
  testTimeout: 30_000,
}
