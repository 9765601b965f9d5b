const toCommonJs = (parser) => [
  '@swc/jest',
  { jsc: { target: 'es2022', parser }, module: { type: 'commonjs' }, sourceMaps: 'inline' },
]

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  moduleNameMapper: {
    '^rocksdb-live$': '<rootDir>/lib/index.ts',
    '^rocksdb-live/backup$': '<rootDir>/lib/backup/index.ts',
    '^rocksdb-live/replica$': '<rootDir>/lib/replica/index.ts',
    '^rocksdb-live/level$': '<rootDir>/lib/level/index.ts',
    '^rocksdb-live/metrics$': '<rootDir>/lib/metrics/index.ts',
    '^rocksdb-live/keyv$': '<rootDir>/lib/keyv/index.ts',
    '^rocksdb-live/session$': '<rootDir>/lib/session/index.ts',
    '^rocksdb-live/studio$': '<rootDir>/lib/studio/index.ts',
    '^rocksdb-live/otel$': '<rootDir>/lib/otel/index.ts',
    '^(\\./|.*/devnet-node/)([a-z-]+)\\.mjs$': '$1$2.mts',
    '^cborg$': '<rootDir>/node_modules/cborg/cborg.js',
  },
  // Node 20 knows neither `using` nor types: swc lowers the one and drops the others.
  transform: {
    '^.+\\.m?ts$': toCommonJs({ syntax: 'typescript', explicitResourceManagement: true }),
    '/(cborg|arktype|@ark/\\w+|arkregex)/.+\\.js$': toCommonJs({ syntax: 'ecmascript' }),
  },
  // These are ES modules.
  transformIgnorePatterns: ['/node_modules/(?!cborg/|arktype/|@ark/|arkregex/)'],
  maxWorkers: 2,
  testTimeout: 30_000,
}
