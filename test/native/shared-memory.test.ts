/** Memory that values share, and that native writes to, when callers transfer it away. */
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import type { BytesFamily } from '../../lib/families'
import { openFresh, useTempDirectory } from '../support/database'

useTempDirectory()

/** Transfers the memory of these bytes to another thread, by force where Node allows it. */
function giveAway(bytes: Uint8Array | Uint32Array): void {
  const { port1, port2 } = new MessageChannel()
  try {
    port1.postMessage(bytes, [bytes.buffer as ArrayBuffer])
    receiveMessageOnPort(port2)
  } catch (error) {
    expect((error as Error).name).toBe('DataCloneError') // Node 22
  }
  port1.close()
}

/** Node 20 cannot, and Node 24 refuses to. For memory that native must no longer write to. */
function detach(bytes: Uint8Array | Uint32Array): void {
  type Transferable = ArrayBuffer & { transfer?: (length: number) => ArrayBuffer }
  const { buffer } = bytes as { buffer: Transferable }
  try {
    if (buffer.byteLength !== 0) buffer.transfer?.(64)
  } catch (error) {
    expect((error as Error).name).toBe('TypeError')
  }
}

const keyOf = (n: number) => `key${String(n).padStart(4, '0')}`
const textOf = (n: number) => `value ${n} `.repeat(20)

async function fill(): Promise<BytesFamily> {
  // So that reads that miss the block cache run on a thread.
  const db = await openFresh({ tuning: { directReads: true } })
  const family = db.default as BytesFamily
  for (let n = 0; n < 3000; n++) family.putSync(keyOf(n), textOf(n))
  await db.flush()
  return family
}

describe('a value whose memory is posted to another thread', () => {
  it('leaves those that share it, and the reads that come after it, as they are', async () => {
    const family = await fill()
    const kept = [0, 1, 2].map((n) => family.getSync(keyOf(n)))
    for (let n = 0; n < 1000; n++) {
      giveAway(family.getSync(keyOf(n)) as Buffer)
      giveAway((await family.get(keyOf(n))) as Buffer)
      expect(String(family.getSync(keyOf(n + 1)))).toBe(textOf(n + 1))
    }
    expect(kept.map(String)).toEqual([0, 1, 2].map(textOf))
  })

  it('leaves those that were read with it as they are', async () => {
    const family = await fill()
    const keys = [0, 1, 2].map(keyOf)
    const ways = [
      () => family.getMany(keys, { fillCache: false }),
      () => Promise.all(keys.map((key) => family.get(key, { fillCache: false }))),
      async () => family.getManySync(keys),
      async () => [...family.valuesSync({ limit: 3 })],
    ]
    for (const way of ways) {
      const values = await way()
      giveAway(values[0] as Buffer)
      expect(values.map(String)).toEqual([0, 1, 2].map(textOf))
    }
  })
})

describe('a page whose memory is posted to another thread', () => {
  it('leaves the scan, and those after it, as they are', async () => {
    const family = await fill()
    let rows = 0
    for (const page of family.pagesSync()) {
      rows += page.count
      giveAway(page.bytes)
      giveAway(page.offsets)
    }
    for await (const page of family.pages({ fillCache: false })) {
      rows += page.count
      giveAway(page.bytes)
      giveAway(page.offsets)
    }
    expect(rows).toBe(6000)
    expect([...family.keysSync()]).toHaveLength(3000)
  })
})

describe('memory that is taken away by force', () => {
  it('is not written to any more: values come in new memory', async () => {
    const family = await fill()
    for (let n = 0; n < 100; n++) {
      detach(family.getSync(keyOf(n)) as Buffer)
      expect(String(family.getSync(keyOf(n + 1)))).toBe(textOf(n + 1))
      expect(String(await family.get(keyOf(n + 2)))).toBe(textOf(n + 2))
    }
    for (const page of family.pagesSync()) detach(page.bytes)
    expect([...family.valuesSync()].map(String)[2999]).toBe(textOf(2999))
  })

  it('is not written to by a thread, whoever had a page before', async () => {
    const family = await fill()
    const shown: (Buffer | Uint32Array)[] = []
    for (let round = 0; round < 20; round++) {
      for (const page of family.pagesSync()) shown.push(page.bytes as Buffer, page.offsets)
      let rows = 0
      for await (const page of family.pages({ fillCache: false })) {
        for (const older of shown.splice(0)) detach(older)
        expect(page.bytes.subarray(0, 7).toString()).toBe(keyOf(rows))
        rows += page.count
        shown.push(page.bytes as Buffer, page.offsets)
      }
      expect(rows).toBe(3000)
    }
  })
})
