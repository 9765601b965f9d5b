/** The binding only packs and unpacks: its calls to RocksDB go through the engine. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const native = join(__dirname, '..', '..', 'native')

/** The matching lines of our own C++ in a folder, with their places. */
function linesWith(pattern: RegExp, folder: string): string[] {
  const files = readdirSync(join(native, folder), { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => /\.(cc|h)$/.test(file))
    .flatMap((file) =>
      readFileSync(join(native, folder, file), 'utf8')
        .split('\n')
        .filter((line) => pattern.test(line.replace(/\/\/.*/, '')))
        .map((line) => `${folder}/${file}: ${line.trim()}`),
    )
}

it('names nothing of RocksDB, and never has the database', () => {
  const pattern = /\brocksdb::|"rocksdb\/|\bdb\(\)/
  expect(linesWith(pattern, 'engine').length).toBeGreaterThan(100)
  expect(linesWith(pattern, 'binding')).toEqual([])
})
