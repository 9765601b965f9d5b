#!/usr/bin/env node
/** The command `rocksdb-live`. */
import { run } from './run'

run(process.argv.slice(2), process).then((status) => {
  process.exitCode = status
})
