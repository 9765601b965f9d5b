/** What a writer puts into the log is there once, in order, whatever becomes of its appends. */
import { History } from '../../lib/replica/history'
import { LogGapError, type OpenLog } from '../../lib/replica/log'
import { NOWHERE } from '../../lib/replica/place'
import { FencedError, Publisher } from '../../lib/replica/publisher'
import { encodeFacts, encodeRecord, RecordKind } from '../../lib/replica/record'
import { MemoryLog, type UnknownEffect } from '../support/memory-log'
import { MemoryStore } from '../support/memory-store'
import { Random } from '../support/random'

const LOG_ID = '00112233445566aa'

function epochRecord(finals: [number, number][] = []): Buffer {
  const head = { kind: RecordKind.epoch, local: false, part: 0, parts: 1, logId: LOG_ID }
  const facts = encodeFacts({ node: 'a', finals })
  return encodeRecord({ ...head, epoch: 0, ordinal: 0, timeMs: 1 }, facts)
}

function bodyRecord(epoch: number, ordinal: number, text: string): Buffer {
  const head = { kind: RecordKind.body, local: false, part: 0, parts: 1, logId: LOG_ID }
  return encodeRecord({ ...head, epoch, ordinal, timeMs: 1 }, Buffer.from(text))
}

/** What everybody reads in the log. */
function readAll(store: MemoryStore): { ordinal: number; sequence: number; text: string }[] {
  const history = new History('', NOWHERE, 0)
  const read = []
  for (let at = 1; at <= store.last; at++) {
    const record = store.read(at)
    const step = record && history.take(record)
    if (step === undefined || step.body.length === 0) continue
    const text = Buffer.from(step.body).toString()
    read.push({ ordinal: step.ordinal, sequence: step.sequence, text })
  }
  return read
}

class Publishing {
  readonly logged: { ordinal: number; sequence: number }[] = []
  readonly troubles: Error[] = []
  ended: Error | undefined
  readonly publisher: Publisher
  #tell: (() => void)[] = []

  constructor(log: OpenLog, epoch: number) {
    this.publisher = new Publisher({
      log,
      logId: LOG_ID,
      epoch,
      local: false,
      onLogged: (ordinal, sequence) => {
        this.logged.push({ ordinal, sequence })
        this.#look()
      },
      onConfirmed: () => {},
      onTrouble: (error) => this.troubles.push(error),
      onEnd: (error) => {
        this.ended = error
        this.#look()
      },
    })
  }

  #look(): void {
    for (const tell of this.#tell.splice(0)) tell()
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) await new Promise<void>((resolve) => this.#tell.push(resolve))
  }
}

async function begin(name: string) {
  const store = new MemoryStore(name)
  const log = new MemoryLog(store, { timeoutMs: 1 })
  const epoch = store.append(epochRecord(), { id: 'epoch', expected: 0 })
  const open = await log.open(new AbortController().signal)
  return { store, log, epoch, publishing: new Publishing(open, epoch) }
}

const texts = (count: number) => Array.from({ length: count }, (_, i) => `body ${i + 1}`)

test.each(['none', 'applied', 'late'] as UnknownEffect[])(
  'settles an append without an answer: %s',
  async (effect) => {
    const { store, log, publishing } = await begin(effect)
    log.failNext(effect)
    for (const [i, text] of texts(5).entries()) {
      publishing.publisher.publish(i + 1, Buffer.from(text), 0)
    }
    await publishing.until(() => publishing.logged.length === 5)
    log.deliverLate()
    expect(readAll(store).map(({ text }) => text)).toEqual(texts(5))
    expect(publishing.troubles.length).toBeGreaterThan(0)
  },
)

test('passes over records that got in between, and over its own that got in too early', async () => {
  const { store, epoch, publishing } = await begin('strays')
  publishing.publisher.publish(1, Buffer.from('body 1'), 0)
  await publishing.until(() => publishing.logged.length === 1)
  // The log's next place is taken before the next appends get there.
  store.insert(bodyRecord(epoch - 1, 7, 'of an older epoch'))
  for (let i = 2; i <= 6; i++) publishing.publisher.publish(i, Buffer.from(`body ${i}`), 0)
  await publishing.until(() => publishing.logged.length === 6)
  expect(readAll(store).map(({ text }) => text)).toEqual(texts(6))
  expect(publishing.logged).toEqual(
    readAll(store).map(({ ordinal, sequence }) => ({ ordinal, sequence })),
  )
  // Those behind the one that was in the way were there already, and are there again.
  expect(store.last).toBeGreaterThan(epoch + 7)
})

test('stops where somebody else has become the writer', async () => {
  const { store, publishing } = await begin('fenced')
  publishing.publisher.publish(1, Buffer.from('body 1'), 0)
  await publishing.until(() => publishing.logged.length === 1)
  store.insert(epochRecord([[1, 1]]), 'other')
  for (let i = 2; i <= 4; i++) publishing.publisher.publish(i, Buffer.from(`body ${i}`), 0)
  await publishing.until(() => publishing.ended !== undefined)
  expect(publishing.ended).toBeInstanceOf(FencedError)
  expect(publishing.logged).toHaveLength(1)
  expect(readAll(store).map(({ text }) => text)).toEqual(['body 1'])
})

test('a body that is longer than a record goes in parts', async () => {
  const { store, publishing } = await begin('parts')
  store.maxRecordBytes = 100
  const long = 'x'.repeat(1000)
  publishing.publisher.publish(1, Buffer.from(long), 0)
  publishing.publisher.publish(2, Buffer.from('short'), 0)
  await publishing.until(() => publishing.logged.length === 2)
  expect(readAll(store).map(({ text }) => text)).toEqual([long, 'short'])
})

test('ends where the log refuses a record for good', async () => {
  const { log, publishing } = await begin('refused')
  log.refuseNext('no space')
  publishing.publisher.publish(1, Buffer.from('body'), 0)
  await publishing.until(() => publishing.ended !== undefined)
  expect(publishing.ended?.message).toBe('no space')
})

test('everything is there once and in order, with faults at random', async () => {
  const source = Random.fromEnvironment('PUBLISHER_SEED')
  const random = (end: number) => source.below(end)
  for (let round = 0; round < 4; round++) {
    const { store, log, epoch, publishing } = await begin(`random ${round}`)
    store.maxRecordBytes = 64
    const count = 200
    for (let ordinal = 1; ordinal <= count; ordinal++) {
      const fault = random(12)
      if (fault < 3) log.failNext((['none', 'applied', 'late'] as const)[fault] as UnknownEffect)
      if (fault === 3) store.insert(bodyRecord(epoch - 1, random(9), 'old'))
      if (fault === 4) store.insert(Buffer.from('of somebody else'))
      if (fault === 5) log.deliverLate()
      if (fault === 6) publishing.publisher.beat(0)
      if (fault === 7) store.forgetIds()
      publishing.publisher.publish(ordinal, Buffer.from(`${ordinal} `.repeat(1 + random(20))), 0)
      if (random(4) === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await publishing.until(() => publishing.logged.length === count)
    log.deliverLate()
    const read = readAll(store)
    expect(read.map(({ ordinal }) => ordinal)).toEqual(texts(count).map((_, i) => i + 1))
    expect(publishing.logged).toEqual(read.map(({ ordinal, sequence }) => ({ ordinal, sequence })))
  }
})

describe('what is read', () => {
  test('a record that is not there is a gap', async () => {
    const { store, publishing } = await begin('gap')
    for (let i = 1; i <= 3; i++) publishing.publisher.publish(i, Buffer.from(`body ${i}`), 0)
    await publishing.until(() => publishing.logged.length === 3)
    store.remove(3)
    expect(() => readAll(store)).toThrow(LogGapError)
  })

  test('bodies of which one is missing are a gap, though no record is', () => {
    const store = new MemoryStore('missing body')
    store.insert(epochRecord())
    store.insert(bodyRecord(1, 1, 'one'))
    for (let ordinal = 3; ordinal < 80; ordinal++) store.insert(bodyRecord(1, ordinal, 'more'))
    expect(() => readAll(store)).toThrow(/proposal \d+ of epoch 1, which does not follow 1/)
  })

  test('a body whose writer was replaced before its last part is not there', async () => {
    const store = new MemoryStore('half')
    store.insert(epochRecord())
    const head = { kind: RecordKind.body, local: false, logId: LOG_ID, timeMs: 1, parts: 2 }
    const half = { ...head, epoch: 1, ordinal: 1, part: 0 }
    store.insert(encodeRecord(half, Buffer.from('half')))
    store.insert(epochRecord([[1, 0]]))
    store.insert(encodeRecord({ ...half, part: 1 }, Buffer.from('other half')))
    store.insert(bodyRecord(3, 1, 'whole'))
    expect(readAll(store).map(({ text }) => text)).toEqual(['whole'])
  })

  test('a damaged record is an error', async () => {
    const store = new MemoryStore('damaged')
    store.insert(epochRecord())
    store.insert(bodyRecord(1, 1, 'one'))
    store.edit(2, (bytes) => bytes.with(60 % bytes.length, 1))
    expect(() => readAll(store)).toThrow('record 2 of the log is damaged: its checksum is wrong')
  })
})
