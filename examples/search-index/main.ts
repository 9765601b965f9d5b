/**
 * A search index in RocksDB: documents are written and deleted, many at a time, and an index of their words
 * is kept up to date from what is committed.
 *
 *     npm run search
 *     npm run search -- --edits 20000 --documents 50 --search river
 *     npm run search:kill -- --kills 100    # killed at any moment, opened again and checked: drill.ts
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { check } from './check'
import { edit } from './edits'
import { openLibrary } from './library'
import { SearchIndex } from './search-index'

const { values: asked } = parseArgs({
  options: {
    'data-dir': { type: 'string', default: join('data', 'search-index') },
    documents: { type: 'string', default: '500' },
    edits: { type: 'string', default: '5000' },
    'at-once': { type: 'string', default: '8' },
    search: { type: 'string', default: 'river' },
    // Say of each change that it is in the index.
    acknowledge: { type: 'boolean', default: false },
  },
})

/** Edits after which a writer waits until they are found. */
const SETTLE_EVERY = 4

const say = (...words: unknown[]) => process.stdout.write(`${words.join(' ')}\n`)
const any = (below: number) => Math.floor(Math.random() * below)

async function main(): Promise<void> {
  say('opening', asked['data-dir'])
  const library = await openLibrary(asked['data-dir'])
  const stop = new AbortController()
  const index = new SearchIndex(library, {
    onScan: (reason) => say('scan', reason),
    onChange: () => asked.acknowledge && say('taken'),
  })
  try {
    const following = index.follow(stop.signal)
    const began = performance.now()
    let left = Number(asked.edits)
    const writer = async () => {
      while (left-- > 0) {
        await edit(library, Number(asked.documents), any)
        // Whoever writes looks for it then; so the index is never far behind.
        if (left % SETTLE_EVERY === 0) await index.settled()
      }
    }
    const writers = Array.from({ length: Number(asked['at-once']) }, writer)
    const done = Promise.all(writers).then(() => index.settled())
    await Promise.race([done, following])
    const seconds = (performance.now() - began) / 1000
    const { documents, rows, problems } = await check(library)
    for (const problem of problems) say('PROBLEM', problem)
    say(`${asked.edits} edits, ${Math.round(Number(asked.edits) / seconds)} a second`)
    say(`${rows} rows for ${documents} documents: ${problems.length} problems`)
    say(`${asked.search}:`, (await index.search(asked.search)).slice(0, 10).join(' '))
    if (problems.length > 0) process.exitCode = 1
    stop.abort()
    await following
  } finally {
    await library.db.close()
  }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
