/** The store of the example's chain, with the tests that the reference system has for its own. */
import { Database } from 'rocksdb-live'
import { ChainStore, WrongChainError } from '../../examples/devnet-node/chain-store.mjs'
import { blockHash, numberEncoding } from '../../examples/devnet-node/encoding.mjs'
import { FAMILY_NAMES } from '../../examples/devnet-node/families.mjs'
import { sha256 } from '../../examples/devnet-node/hash.mjs'
import { mineAfter } from '../../examples/devnet-node/miner.mjs'
import { ChainCorruptError } from '../../examples/devnet-node/storage.mjs'
import type { Block, Coin, Undo } from '../../examples/devnet-node/types.mjs'
import { verifyChain } from '../../examples/devnet-node/verify.mjs'
import { openFresh, useTempDirectory } from '../support/database'
import { contents, mined, openStore } from './support'

const dir = useTempDirectory()

const coin: Coin = { amount: 5, owner: sha256(Buffer.from('owner')), height: 1, coinbase: false }
const point = { txid: sha256(Buffer.from('a transaction')), index: 3 }

it('opens, and creates the families with their first rows', async () => {
  const store = await openStore(dir('chain'))
  expect(store.db.columnFamilies().sort()).toEqual([...FAMILY_NAMES, 'default'].sort())
  expect(await store.tip()).toMatchObject({ height: 0, work: 4n, reorgCount: 0 })
  const rows = await contents(store)
  const names = Object.keys(rows['META'] ?? {}).map((key) => Buffer.from(key, 'hex').toString())
  expect(names.sort()).toEqual(['Mcompact_index', 'Mnetwork', 'Mschema_version', 'Mtip'])
  expect(Object.keys(rows['HEADERS'] ?? {})).toEqual(['480000000000000000'])
})

it('has the keys of the table, in the order of heights and outputs', async () => {
  const store = await openStore(dir('chain'))
  await mined(store, 300)
  const rows = await contents(store)
  const shapes: [string, RegExp][] = [
    ['HEADERS', /^48[0-9a-f]{16}$/],
    ['BLOCKS', /^(42|52)[0-9a-f]{64}$/],
    ['UTXO', /^55[0-9a-f]{64}0000000[01]$/],
    ['LINKTAG', /^4c[0-9a-f]{64}$/],
  ]
  for (const [family, shape] of shapes) {
    const keys = Object.keys(rows[family] ?? {})
    expect(keys.length).toBeGreaterThan(0)
    expect(keys.filter((key) => !shape.test(key))).toEqual([])
  }
  const heights = Object.keys(rows['HEADERS'] ?? {}).map((key) => Number(`0x${key.slice(2)}`))
  expect(heights).toEqual(Array.from({ length: 301 }, (_, height) => height))
})

describe('a batch', () => {
  /** Stages a change in each of the five families. */
  async function staged(store: ChainStore) {
    const genesis = await store.blockByHeight(0)
    if (genesis === undefined) throw new Error('no first block')
    const { block, hash } = mineAfter(genesis.header, [])
    const batch = store.beginBlockBatch()
    batch.stageBlock(hash, block, [{ point, coin }])
    batch.addCoin(point, coin)
    batch.addTag(hash, 1)
    batch.stageTip({ height: 1, hash, work: 8n, reorgCount: 0 })
    return { batch, hash }
  }

  it('is in all families after its commit, and in none before', async () => {
    const store = await openStore(dir('chain'))
    const before = await contents(store)
    const { batch, hash } = await staged(store)
    expect(await contents(store)).toEqual(before)
    await batch.commit()
    const after = await contents(store)
    for (const name of FAMILY_NAMES) expect([name, after[name]]).not.toEqual([name, before[name]])
    expect(await store.tip()).toMatchObject({ height: 1 })
    expect(await store.headerByHeight(1)).toBeDefined()
    expect(blockHash((await store.blockByHash(hash))?.header as never)).toEqual(hash)
    expect(await store.coins([point, { ...point, index: 4 }])).toEqual([coin, undefined])
    expect(await store.hasTags([hash, point.txid])).toEqual([true, false])
    expect(await store.undoOf(hash)).toEqual([{ point, coin }])
  })

  it('that is given up between staging and commit leaves nothing', async () => {
    const store = await openStore(dir('chain'))
    const before = await contents(store)
    const { batch } = await staged(store)
    expect(() => batch.addCoin({ ...point, index: 2 ** 32 }, coin)).toThrow('out of range')
    await store.close()
    const again = await openStore(dir('chain'))
    expect(await contents(again)).toEqual(before)
  })

  it('whose commit fails for one of its families leaves nothing in the others', async () => {
    const store = await openStore(dir('chain'))
    const before = await contents(store)
    const { batch } = await staged(store)
    await store.db.dropColumnFamily('LINKTAG')
    await expect(batch.commit()).rejects.toMatchObject({
      code: 'ERR_DROPPED',
      outcome: 'notApplied',
    })
    const { LINKTAG: _, ...left } = before
    expect(await contents(store)).toEqual(left)
    await store.close()
    const again = await Database.open(dir('chain'), { mode: 'read-only' })
    for (const name of ['HEADERS', 'BLOCKS', 'UTXO', 'META']) {
      expect([name, await again.columnFamily(name).count()]).toEqual([
        name,
        Object.keys(before[name] ?? {}).length,
      ])
    }
    await again.close()
  })
})

it('keeps everything over a reopen', async () => {
  const store = await openStore(dir('chain'))
  await mined(store, 120)
  const before = await contents(store)
  await store.close()
  const again = await openStore(dir('chain'))
  expect(await contents(again)).toEqual(before)
  expect(await verifyChain(again)).toMatchObject({ tip: { height: 120 } })
})

it('writes, reopens, reads, and writes on', async () => {
  const store = await openStore(dir('chain'))
  const { tip } = await mined(store, 30)
  await store.close()
  const again = await openStore(dir('chain'))
  expect(await again.tip()).toEqual(tip)
  const block = await again.blockByHeight(20)
  expect(block?.header.height).toBe(20)
  expect(await again.blockByHash(blockHash(block?.header as never))).toEqual(block)
  expect(await again.blockByHeight(31)).toBeUndefined()
  const heights: number[] = []
  for await (const { header } of again.blocks(5)) heights.push(header.height)
  expect(heights).toEqual(Array.from({ length: 26 }, (_, i) => i + 5))
  await mined(again, 30)
  expect(await verifyChain(again)).toMatchObject({ tip: { height: 60 } })
})

it('resets the unspent outputs, and makes them again from the blocks', async () => {
  const store = await openStore(dir('chain'))
  await mined(store, 60)
  const before = await contents(store)
  expect(await store.utxoCount()).toBeGreaterThan(60)
  await store.resetUtxo()
  expect(await store.utxoCount()).toBe(0)
  expect(await contents(store)).toEqual({ ...before, UTXO: {}, LINKTAG: {} })
  await expect(verifyChain(store)).rejects.toThrow('missing')
  await store.rebuildUtxo()
  expect(await contents(store)).toEqual(before)
})

it('keeps the unspent outputs where they cannot be made again', async () => {
  const store = await openStore(dir('chain'))
  await mined(store, 60)
  const lost = blockHash((await store.headerByHeight(40)) as never)
  await store.db.columnFamily('BLOCKS').delete(lost)
  const before = await contents(store)
  await expect(store.rebuildUtxo()).rejects.toThrow(ChainCorruptError)
  expect(await contents(store)).toEqual(before)
})

it('is not verified where undo data would put back more than was spent', async () => {
  const store = await openStore(dir('chain'))
  const { tip } = await mined(store, 30)
  const [first, ...others] = (await store.undoOf(tip.hash)) as Undo
  const { point, coin } = first as Undo[0]
  const batch = store.beginBlockBatch()
  const block = (await store.blockByHash(tip.hash)) as Block
  batch.stageBlock(tip.hash, block, [{ point, coin: { ...coin, amount: 10 ** 9 } }, ...others])
  await batch.commit()
  await expect(verifyChain(store)).rejects.toThrow(/the undo data of block .* is not of it/)
})

it('is made where a node died while it made the families', async () => {
  const some = { HEADERS: {}, BLOCKS: {} }
  for (const [i, columnFamilies] of [{}, some].entries()) {
    await (await Database.open(dir(`chain-${i}`), { columnFamilies })).close()
    const store = await openStore(dir(`chain-${i}`))
    await mined(store, 3)
    expect(await verifyChain(store)).toMatchObject({ tip: { height: 3 } })
  }
})

it('clears and sets the tip, over a reopen', async () => {
  const store = await openStore(dir('chain'))
  const { tip } = await mined(store, 3)
  await store.clearTip()
  expect(await store.tip()).toBeUndefined()
  await store.close()
  const again = await openStore(dir('chain'))
  expect(await again.tip()).toBeUndefined()
  expect(await again.blockByHeight(3)).toBeDefined()
  await again.setTip(tip)
  expect(await again.tip()).toEqual(tip)
  await verifyChain(again)
})

describe('tuning', () => {
  it('comes from the environment, under the command line', async () => {
    const env = { PQPRIV_DB_WRITE_BUFFER_MB: '40', PQPRIV_DB_COMPRESSION: 'lz4' }
    const argv = ['--db.write-buffer-mb', '48', '--db-wal', 'off']
    const store = await openStore(dir('chain'), { env, argv })
    const { writeBufferMb, compression, walEnabled } = store.db.tuning().options
    expect([writeBufferMb, compression, walEnabled]).toMatchObject([
      { value: 48, source: 'command-line flag --db.write-buffer-mb' },
      { value: 'lz4', rocksdb: { inForce: 'kLZ4Compression' } },
      { value: false },
    ])
  })

  it('is exactly what openWithTuning is given', async () => {
    process.env['PQPRIV_DB_WRITE_BUFFER_MB'] = '40'
    try {
      const store = await ChainStore.openWithTuning(dir('exact'), { blockCacheMb: 70 })
      const { blockCacheMb, writeBufferMb } = store.db.tuning().options
      await store.close()
      expect([blockCacheMb.value, writeBufferMb.value]).toEqual([70, 128])
    } finally {
      delete process.env['PQPRIV_DB_WRITE_BUFFER_MB']
    }
  })
})

it('tells its size and its compactions, and copies itself', async () => {
  const store = await openStore(dir('chain'))
  await mined(store, 50)
  expect(store.totalSize()).toBeGreaterThan(50 * 100)
  expect(store.runningCompactions()).toBe(0)
  await store.createCheckpoint(dir('copy'))
  await mined(store, 5)
  const copy = await openStore(dir('copy'))
  expect(await verifyChain(copy)).toMatchObject({ tip: { height: 50 } })
})

describe('a database is refused', () => {
  it('of another network', async () => {
    await (await ChainStore.open(dir('chain'), { network: 'testnet' })).close()
    const opening = ChainStore.open(dir('chain'))
    await expect(opening).rejects.toThrow(WrongChainError)
    await expect(opening).rejects.toThrow('is of the network "testnet", not "devnet"')
  })

  it('with a newer schema', async () => {
    const store = await openStore(dir('chain'))
    const meta = store.db.columnFamily('META', { key: 'utf8', value: 'buffer' })
    await meta.put('Mschema_version', numberEncoding.encode(2))
    await store.close()
    const opening = ChainStore.open(dir('chain'))
    await expect(opening).rejects.toThrow('schema 2, and this program knows those up to 1')
  })

  it('that holds no chain, and it is not changed', async () => {
    const db = await openFresh({ columnFamilies: { users: {} } })
    await db.close()
    await expect(ChainStore.open(db.path)).rejects.toThrow('has no column family HEADERS')
    expect((await Database.listColumnFamilies(db.path)).sort()).toEqual(['default', 'users'])
  })

  it('with rows of its own in a family of that name', async () => {
    const db = await openFresh({ columnFamilies: { HEADERS: {} } })
    await db.columnFamily('HEADERS').put('Host', 'example')
    await db.close()
    await expect(ChainStore.open(db.path)).rejects.toThrow('has no column family BLOCKS')
    expect((await Database.listColumnFamilies(db.path)).sort()).toEqual(['HEADERS', 'default'])
  })

  it('whose rows are not of a chain', async () => {
    const store = await openStore(dir('chain'))
    await store.db.columnFamily('META').delete('schema_version')
    await store.close()
    await expect(ChainStore.open(dir('chain'))).rejects.toThrow('holds no chain')
  })
})
