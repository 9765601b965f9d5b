const path = require('node:path')
const base = require('../../../jest.config.cjs')

/** The proofs against a real server, which run.mjs starts. */
module.exports = {
  ...base,
  rootDir: path.join(__dirname, '../../..'),
  roots: ['<rootDir>/test/backup/s3'],
  testMatch: ['**/*.proof.ts'],
  testTimeout: 300_000,
}
