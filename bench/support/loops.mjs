// The loops that are timed, one for each kind of work. A child process runs one engine, so that
// every call in here has one target.

/** Each writes all rows of a chunk. */
export const writers = {
  async batches(db, { keys, values, count }, { batch }) {
    for (let from = 0; from < count; from += batch) {
      const done = db.writeBatch(keys, values, from, Math.min(from + batch, count))
      if (done !== undefined) await done
    }
  },

  async twoFamilies(db, { keys, values, count }, { batch }) {
    for (let from = 0; from < count; from += batch) {
      const done = db.writeTwoFamilies(keys, values, from, Math.min(from + batch, count))
      if (done !== undefined) await done
    }
  },

  /** Two batches are on their way at a time, and the event loop turns after each. */
  async bulk(db, { keys, values, count }, { batch }) {
    let last = Promise.resolve()
    for (let from = 0; from < count; from += batch) {
      const next = db.writeBatchAsync(keys, values, from, Math.min(from + batch, count))
      await last
      last = next
      await new Promise(setImmediate)
    }
    await last
  },

  putSync(db, { keys, values, count }) {
    for (let i = 0; i < count; i++) db.putSync(keys[i], values[i])
  },

  async put(db, { keys, values, count }) {
    for (let i = 0; i < count; i++) await db.put(keys[i], values[i])
  },

  async putDurable(db, { keys, values, count }) {
    for (let i = 0; i < count; i++) {
      const done = db.putDurable(keys[i], values[i])
      if (done !== undefined) await done
    }
  },

  async putDurableInFlight(db, { keys, values, count }, { inFlight }) {
    for (let from = 0; from < count; from += inFlight) {
      const waiting = []
      const to = Math.min(from + inFlight, count)
      for (let i = from; i < to; i++) waiting.push(db.putDurableAsync(keys[i], values[i]))
      await Promise.all(waiting)
    }
  },
}

/** Each does the transfers, or the steps, of a chunk of accounts.mjs. */
export const accountLoops = {
  /** So many are on their way at a time; each that ends is followed by the next. */
  async transfers(db, { from, to, count }, { inFlight }) {
    let next = 0
    const lane = async () => {
      while (next < count) {
        const i = next++
        await db.transfer(from[i], to[i], 1)
      }
    }
    await Promise.all(Array.from({ length: inFlight }, lane))
  },

  transfersSync(db, { from, to, count }) {
    for (let i = 0; i < count; i++) db.transferSync(from[i], to[i], 1)
  },

  async compareAndWrites(db, { keys, current, next, count }) {
    let wrong = 0
    for (let i = 0; i < count; i++) {
      if (!(await db.compareAndWrite(keys[i], current[i], next[i]))) wrong++
    }
    return wrong
  },

  compareAndWritesSync(db, { keys, current, next, count }) {
    let wrong = 0
    for (let i = 0; i < count; i++) {
      if (!db.compareAndWriteSync(keys[i], current[i], next[i])) wrong++
    }
    return wrong
  },
}

/** Each reads the keys of a chunk and returns how many values were wrong. */
export const readers = {
  getSync(db, { keys, first, size, count }) {
    let wrong = 0
    for (let i = 0; i < count; i++) {
      const value = db.getSync(keys[i])
      if (value === undefined || value.length !== size || value[0] !== first[i]) wrong++
    }
    return wrong
  },

  async get(db, { keys, first, size, count }) {
    let wrong = 0
    for (let i = 0; i < count; i++) {
      const value = await db.get(keys[i])
      if (value === undefined || value.length !== size || value[0] !== first[i]) wrong++
    }
    return wrong
  },

  async getInFlight(db, { keys, first, size, count }, { inFlight }) {
    let wrong = 0
    for (let from = 0; from < count; from += inFlight) {
      const waiting = []
      const to = Math.min(from + inFlight, count)
      for (let i = from; i < to; i++) waiting.push(db.get(keys[i]))
      const values = await Promise.all(waiting)
      for (let i = from; i < to; i++) {
        const value = values[i - from]
        if (value === undefined || value.length !== size || value[0] !== first[i]) wrong++
      }
    }
    return wrong
  },

  async getMany(db, { keys, first, size, count }, { batch }) {
    let wrong = 0
    for (let from = 0; from < count; from += batch) {
      const to = Math.min(from + batch, count)
      const read = db.getMany(keys.slice(from, to))
      const values = typeof read.then === 'function' ? await read : read
      for (let i = from; i < to; i++) {
        const value = values[i - from]
        if (value === undefined || value.length !== size || value[0] !== first[i]) wrong++
      }
    }
    return wrong
  },

  misses(db, { keys, count }) {
    let wrong = 0
    for (let i = 0; i < count; i++) {
      if (db.getSync(keys[i]) !== undefined) wrong++
    }
    return wrong
  },

  getInto(db, { keys, first, size, count }) {
    const target = Buffer.alloc(size)
    let wrong = 0
    for (let i = 0; i < count; i++) {
      if (db.getInto(keys[i], target) !== size || target[0] !== first[i]) wrong++
    }
    return wrong
  },

  getText(db, { keys, first, size, count }) {
    let wrong = 0
    for (let i = 0; i < count; i++) {
      const value = db.getSync(keys[i])
      if (value === undefined || value.length !== size || value.charCodeAt(0) !== first[i]) wrong++
    }
    return wrong
  },

  getJson(db, { keys, count }) {
    let wrong = 0
    for (let i = 0; i < count; i++) {
      const value = db.getSync(keys[i])
      if (value === undefined || value.id !== keys[i]) wrong++
    }
    return wrong
  },
}

/** Each scan by its method; awaited only where it is asynchronous. */
export const scanners = {
  pages: (db, range) => db.scanPages(range),
  pagesAsync: (db, range) => db.scanPagesAsync(range),
  entries: (db, range) => db.scanEntries(range),
  entriesAsync: (db, range) => db.scanEntriesAsync(range),
}
