/** The resources that a process holds for its databases, and returns. */
import { last, runWell, useDirectory } from './children'

const path = useDirectory()
const linux = process.platform === 'linux'
if (!linux) console.warn('SKIPPED: descriptors, threads and mappings are counted on Linux (/proc)')
const onLinux = linux ? it : it.skip

describe('descriptors, threads and mappings', () => {
  onLinux(
    'are the same after 200 opens and closes',
    async () => {
      // With one arena and a small young generation, malloc and V8 map next to nothing.
      const said = await runWell('resources', [path(), 'open and close'], {
        node: ['--expose-gc', '--min-semi-space-size=1', '--max-semi-space-size=1'],
        env: { MALLOC_ARENA_MAX: '1' },
      })
      const [descriptors, threads, mappings] = said as [string, number, number][]
      expect(descriptors).toEqual(['descriptors', descriptors?.[1], descriptors?.[1]])
      expect(threads).toEqual(['threads', threads?.[1], threads?.[1]])
      // Fewer than one per twenty openings.
      expect(mappings?.[2]).toBeLessThan((mappings?.[1] as number) + 10)
    },
    60_000,
  )

  onLinux(
    'are given back for databases that are collected unclosed',
    async () => {
      const said = await runWell('resources', [path(), 'collected'], { node: ['--expose-gc'] })
      expect(said).toEqual([['collected', 0], ...Array(4).fill(['value', 'value'])])
    },
    90_000,
  )

  onLinux('of databases are not inherited by child processes', async () => {
    const said = await runWell('resources', [path(), 'inherited'])
    expect(last(said, 'own')).toBeGreaterThan(3)
    expect(said.at(-1)).toEqual(['inherited', 0, 0])
  })
})

describe('a database that nobody refers to', () => {
  it('does what it was asked for', async () => {
    const said = await runWell('resources', [path(), 'collected while busy'], {
      node: ['--expose-gc'],
    })
    expect(last(said, 'settled')).toBe(8)
  })
})
