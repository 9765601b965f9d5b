/** The remains of a killed first opening: nothing was acknowledged, and the path can be opened. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { Database } from 'rocksdb-live'
import { openAt, useTempDirectory } from '../support/database'
import { errorOf, filesOf } from './support'

const at = useTempDirectory()
/** The first MANIFEST as RocksDB writes it: log number 0, next file 2, last sequence 0. */
const FIRST = Buffer.from('cefde2d20600010200030204000000', 'hex').subarray(0, 13)
const STEPS = ['LOCK', 'LOG', 'IDENTITY', 'MANIFEST-000001', '000001.dbtmp'] as const

function leave(count: number, manifest: Uint8Array = FIRST): void {
  mkdirSync(at('db'))
  for (const name of STEPS.slice(0, count)) {
    writeFileSync(at('db', name), name === 'MANIFEST-000001' ? manifest : '')
  }
}

async function works(): Promise<void> {
  const db = await openAt(at('db'))
  expect(db.recovery.created).toBe(true)
  await db.default.put('a', 'b')
  await db.close()
  const again = await openAt(at('db'))
  expect(await again.default.count()).toBe(1)
}

it.each(STEPS.map((name, index) => [index + 1, name] as const))(
  '%d steps, up to %s',
  async (count) => {
    leave(count)
    await works()
  },
)

it.each([0, 1, 7, 12])('a MANIFEST of which %d bytes were written', async (length) => {
  leave(STEPS.length, FIRST.subarray(0, length))
  await works()
})

it('a MANIFEST that names no file', async () => {
  await (await openAt(at('whole'))).close()
  const [manifest] = filesOf(at('whole'), /^MANIFEST-/)
  leave(STEPS.length)
  copyFileSync(at('whole', manifest as string), at('db', 'MANIFEST-000001'))
  await works()
})

it('is damage where the MANIFEST names files, or files are there', async () => {
  const db = await openAt(at('whole'))
  await db.default.put('a', 'b')
  await db.flush()
  await db.close()
  const [manifest] = filesOf(at('whole'), /^MANIFEST-/)
  leave(STEPS.length)
  copyFileSync(at('whole', manifest as string), at('db', 'MANIFEST-000001'))
  expect(await errorOf(Database.open(at('db')))).toMatchObject({ code: 'ERR_CORRUPTION' })
  writeFileSync(at('db', 'MANIFEST-000001'), FIRST)
  writeFileSync(at('db', '000004.log'), '')
  expect(await errorOf(Database.open(at('db')))).toMatchObject({ code: 'ERR_CORRUPTION' })
})

it('is no database to readers and to destroy', async () => {
  leave(STEPS.length)
  for (const mode of ['read-only', { secondary: at('secondary') }] as const) {
    const error = await errorOf(Database.open(at('db'), { mode }))
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  }
  expect(await errorOf(Database.destroy(at('db')))).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
})
