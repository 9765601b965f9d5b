// The command rocksdb-live; says at its end how much memory the process had at most, in kB.
const { writeSync } = require('node:fs')
const { join } = require('node:path')

process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)))
require(join(__dirname, '..', '..', 'dist', 'cli', 'main.js'))
