// Keeps a few of many rows, read in each way; prints how many bytes of ArrayBuffers that keeps.
const { Database } = require('../../..')

const [path, size] = [process.argv[2], Number(process.argv[3])]
const ROWS = 8000
const KEPT = 200
const STEP = ROWS / KEPT
const keyOf = (n) => `k${String(n).padStart(8, '0')}`

async function held() {
  for (let turn = 0; turn < 6; turn++) {
    globalThis.gc()
    await new Promise(setImmediate)
  }
  return process.memoryUsage().arrayBuffers
}

const every = (rows) => {
  const kept = []
  let n = 0
  for (const row of rows) if (n++ % STEP === 0) kept.push(Array.isArray(row) ? row[0] : row)
  return kept
}

const keysFrom = (first, count) => Array.from({ length: count }, (_, i) => keyOf(first + i))

/** Each gives KEPT keys or values. */
const ways = {
  entriesSync: (family) => every(family.entriesSync()),
  keysSync: (family) => every(family.keysSync()),
  valuesSync: (family) => every(family.valuesSync()),
  async entries(family) {
    const kept = []
    let n = 0
    for await (const [key] of family.entries()) if (n++ % STEP === 0) kept.push(key)
    return kept
  },
  async getMany(family) {
    const kept = []
    for (let n = 0; n < KEPT; n++) {
      const values = await family.getMany(keysFrom(n * STEP, STEP))
      kept.push(values[3])
      await family.getMany(keysFrom(n * STEP, 3))
    }
    return kept
  },
  getManySync: (family) =>
    Array.from({ length: KEPT }, (_, n) => family.getManySync(keysFrom(n * STEP, STEP))[3]),
  getSync(family) {
    const kept = []
    for (let n = 0; n < ROWS; n++) {
      const value = family.getSync(keyOf(n))
      if (n % STEP === 0) kept.push(value)
    }
    return kept
  },
  async get(family) {
    const kept = []
    for (let n = 0; n < KEPT; n++) {
      const values = await Promise.all(keysFrom(n * STEP, STEP).map((key) => family.get(key)))
      kept.push(values[3])
    }
    return kept
  },
  cursor(family) {
    const cursor = family.cursor()
    const kept = Array.from({ length: KEPT }, () => cursor.next(STEP)[2][0])
    cursor.close()
    return kept
  },
}

async function main() {
  const db = await Database.open(path, { env: false })
  const value = Buffer.alloc(size, 'v')
  for (let n = 0; n < ROWS; ) {
    const batch = db.batch()
    for (let i = 0; i < 100; i++) batch.put(db.default, keyOf(n++), value)
    await batch.write()
  }
  const bytes = {}
  for (const [name, way] of Object.entries(ways)) {
    const before = await held()
    const kept = await way(db.default)
    bytes[name] = [kept.length, (await held()) - before]
    kept.length = 0
  }
  console.log(JSON.stringify(bytes))
  await db.close()
}

main()
