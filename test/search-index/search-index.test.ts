/** The search index of the examples: what it finds, what its check finds, and that SIGKILL costs nothing. */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { check } from '../../examples/search-index/check'
import { drill } from '../../examples/search-index/drill'
import { edit } from '../../examples/search-index/edits'
import { type Library, openLibrary } from '../../examples/search-index/library'
import {
  PLACE,
  type ScanReason,
  SearchIndex,
  type SearchIndexOptions,
} from '../../examples/search-index/search-index'
import { randomOf, seedOfRun } from '../lifecycle/children'
import { track, useTempDirectory } from '../support/database'
import { root } from '../support/documents'

const KILLS = 10

const dir = useTempDirectory()
const program = join(root, 'dist-examples', 'search-index', 'main.js')

async function open(): Promise<Library> {
  const library = await openLibrary(dir('library'))
  track(library.db)
  return library
}

/** Runs an index while `work` runs, and until it has come to its end. Gives why it read all documents. */
async function indexing(
  library: Library,
  work: (index: SearchIndex) => unknown = () => {},
  options: SearchIndexOptions = {},
): Promise<ScanReason[]> {
  const reasons: ScanReason[] = []
  const stop = new AbortController()
  const index = new SearchIndex(library, { onScan: (reason) => reasons.push(reason), ...options })
  const following = index.follow(stop.signal)
  const done = (async () => {
    await work(index)
    await index.settled()
  })()
  try {
    await Promise.race([done, following])
  } finally {
    stop.abort()
    await following
  }
  return reasons
}

const write = (library: Library, id: string, text: string, edits = 1) =>
  library.documents.put(id, { text, edits })

/** What an index finds that does not run. */
const search = (library: Library, ...words: string[]) => new SearchIndex(library).search(...words)

describe('the index', () => {
  it('finds what was there before it, what was written since, and nothing that was deleted', async () => {
    const library = await open()
    await write(library, 'a', 'A river in winter')
    await write(library, 'b', 'Winter, the garden')
    const reasons = await indexing(library, async (index) => {
      await index.settled()
      expect(await index.search('winter')).toEqual(['a', 'b'])
      await write(library, 'a', 'A bridge', 2)
      await write(library, 'c', 'GARDEN river')
      await index.settled()
      expect(await index.search('winter')).toEqual(['b'])
      expect(await index.search('river')).toEqual(['c'])
      expect(await index.search('garden')).toEqual(['b', 'c'])
      expect(await index.search('Garden', 'river')).toEqual(['c'])
      await library.documents.delete('c')
    })
    expect(reasons).toEqual(['new'])
    expect(await search(library, 'garden')).toEqual(['b'])
    expect(await check(library)).toEqual({ documents: 2, rows: 5, problems: [] })
  })

  it('takes ranges that are deleted, and all that is cleared', async () => {
    const library = await open()
    await indexing(library)
    for (const id of ['a1', 'a2', 'b1']) await write(library, id, `river ${id}`)
    await library.documents.deleteRange('a', 'b')
    await indexing(library)
    expect(await search(library, 'river')).toEqual(['b1'])
    await library.documents.clear()
    await indexing(library)
    expect(await check(library)).toEqual({ documents: 0, rows: 0, problems: [] })
  })

  it('goes on where it was, and keeps changes for itself meanwhile', async () => {
    let library = await open()
    await write(library, 'a', 'river')
    expect(await indexing(library)).toEqual(['new'])
    await write(library, 'a', 'bridge', 2)
    await library.db.flush()
    expect(await library.db.retainedChanges()).toMatchObject([{ name: PLACE, lost: false }])
    await library.db.close()
    library = await open()
    expect(await indexing(library)).toEqual([])
    expect(await search(library, 'bridge')).toEqual(['a'])
    expect(await check(library)).toMatchObject({ problems: [] })
  })

  it('reads all documents again where changes are gone', async () => {
    let library = await open()
    await write(library, 'a', 'river')
    await indexing(library)
    await write(library, 'b', 'river')
    await library.db.flush()
    await library.db.close()
    rmSync(join(dir('library'), 'archive'), { recursive: true })
    library = await open()
    expect(await indexing(library)).toEqual(['ERR_CHANGES_GAP'])
    expect(await search(library, 'river')).toEqual(['a', 'b'])
    expect(await check(library)).toMatchObject({ problems: [] })
  })

  it('has each change once, while many write', async () => {
    const library = await open()
    const random = randomOf(seedOfRun())
    let taken = 0
    const writer = async () => {
      for (let i = 0; i < 200; i++) await edit(library, 40, random)
    }
    await indexing(library, () => Promise.all([writer(), writer(), writer()]), {
      onChange: () => taken++,
    })
    expect(taken).toBeGreaterThan(0)
    expect(await check(library)).toMatchObject({ problems: [] })
  })

  it('does not work where another one does', async () => {
    const library = await open()
    await indexing(library)
    const two = indexing(library, async () => {
      await indexing(library, () => write(library, 'a', 'river'))
      await write(library, 'b', 'river')
    })
    await expect(two).rejects.toThrow('there is another index')
  })
})

it('the check finds what does not agree', async () => {
  const library = await open()
  await write(library, 'a', 'river')
  await write(library, 'b', 'bridge')
  await indexing(library)
  await library.words.put('winter/b', '')
  await library.words.delete('river/a')
  await library.indexed.put('a', { words: ['river'], edits: 2 })
  await library.indexed.put('c', { words: [], edits: 1 })
  await library.indexed.delete('b')
  expect((await check(library)).problems).toEqual([
    'a was written 1 times, and seen 2',
    'c is in the index, and is no document',
    'b is not in the index',
    'the row winter/b is of no document',
    'the row river/a is missing',
  ])
})

describe('the program', () => {
  it('runs to its end, and checks itself', () => {
    const args = ['--data-dir', dir('library'), '--edits', '1000', '--documents', '50']
    const { stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^scan new$/m)
    expect(stdout).toMatch(/^\d+ rows for \d+ documents: 0 problems$/m)
  })

  it(`takes each change once, killed ${KILLS} times`, async () => {
    const seed = seedOfRun()
    const found = await drill({
      directory: dir('library'),
      kills: KILLS,
      random: randomOf(seed),
      program,
    })
    expect({ seed, kills: found.kills, problems: found.problems }).toEqual({
      ...{ seed, kills: KILLS, problems: [] },
    })
    expect(found.taken).toBeGreaterThan(0)
    expect(found.scans.new).toBeGreaterThan(0)
  }, 120_000)
})
