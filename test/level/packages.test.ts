/**
 * What is written for level runs over `RocksLevel`, and sees what it sees over classic-level. Their packages have a tree of
 * their own: `npm ci --ignore-scripts --prefix test/level/packages` installs it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { where } from '../support/tools'

const home = join(__dirname, 'packages')
const itHere = where(
  existsSync(join(home, 'node_modules')),
  'npm ci --ignore-scripts --prefix test/level/packages installs what this test runs',
)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rocksdb-live-level-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What a package saw over one of the two. */
function seen(name: string, kind: 'classic' | 'rocks'): unknown {
  const place = join(folder, kind)
  mkdirSync(place)
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(home, 'run.mjs'), name, kind, place],
    { encoding: 'utf8' },
  )
  expect([status, stderr]).toEqual([0, expect.any(String)])
  return JSON.parse(stdout)
}

itHere.each(['y-leveldb', 'quadstore', 'datastore-level', 'level-read-stream'])(
  '%s',
  (name) => {
    const saw = seen(name, 'rocks') as unknown[]
    expect(saw.length).toBeGreaterThan(3)
    expect(saw).toEqual(seen(name, 'classic'))
  },
  60_000,
)

// Not over classic-level 3: it wraps sublevels in Proxies that abstract-level 3 does not take.
itHere(
  'the datalayer of TinaCMS',
  () => {
    const [list, one, update, again] = seen('tinacms', 'rocks') as Record<string, unknown>[]
    const titles = [5, 6, 7].map((rank) => ({ node: { title: `Post ${rank}`, rank } }))
    expect(list).toEqual({ postConnection: { totalCount: 3, edges: titles } })
    expect(one).toEqual({ post: { title: 'Post 3', rank: 3, body: 'Text 3\n' } })
    expect(update).toEqual({ updatePost: { title: 'Changed', rank: 99 } })
    expect(again).toMatchObject({ post: { title: 'Changed', rank: 99 } })
  },
  60_000,
)
