#!/usr/bin/env node
/** The command `rocksdb-live`. */
import { buildCommand } from './build'
import { UsageError } from './command'

async function main(words: readonly string[]): Promise<number> {
  try {
    // Works without a binary; everything else loads one.
    if (words[0] === 'build') return await buildCommand.run(words.slice(1), process)
    const { run } = require('./run') as typeof import('./run.js')
    return await run(words, process)
  } catch (error) {
    process.stderr.write(
      `rocksdb-live: ${error instanceof Error ? error.message : String(error)}\n`,
    )
    return error instanceof UsageError ? 2 : 1
  }
}

for (const stream of [process.stdout, process.stderr]) {
  // Whoever reads may have seen enough (`| head`): what the command does goes on.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return
    if (stream === process.stdout) console.error(`rocksdb-live: standard output: ${error.message}`)
    process.exit(1)
  })
}

main(process.argv.slice(2)).then((status) => {
  process.exitCode = status
})
