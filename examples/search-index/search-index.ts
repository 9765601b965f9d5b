/**
 * The index: follows what is committed to the documents, and takes each change once, whatever happens to the
 * process. How far it has come is a row that is committed together with what came of the change.
 */
import { randomUUID } from 'node:crypto'
import type { RowChange, Transaction } from 'rocksdb-live'
import { type Document, type Indexed, type Library, wordsOf } from './library'

type Change = RowChange<string, string, Document>

/** Why all documents were read: there was no token, or what is behind it cannot be told any more. */
export type ScanReason = 'new' | 'ERR_CHANGES_GAP' | 'ERR_CHANGES_EPOCH'

/** The name of its place, behind which changes are kept while it does not run. */
export const PLACE = 'search'
/** The key of its token. */
const TOKEN = 'token'
/** Documents that one batch of a scan has. */
const SCAN_ROWS = 100
/** Changes after which the place is moved along. */
const MOVE_EVERY = 500
/** Without any change for so long, the token is moved past what was written elsewhere. */
const HEARTBEAT_MS = 10_000

export interface SearchIndexOptions {
  /** All documents are read. */
  onScan?: (reason: ScanReason) => void
  /** A change has been taken. */
  onChange?: () => unknown
}

/** An index of a library. One at a time: a second one fails, and changes nothing. */
export class SearchIndex {
  readonly #library: Library
  readonly #options: SearchIndexOptions
  /** Keys of no documents, of which somebody waits until their deletion was seen. */
  readonly #fences = new Map<string, () => void>()

  constructor(library: Library, options: SearchIndexOptions = {}) {
    this.#library = library
    this.#options = options
  }

  /** The documents that have all of these words, as far as the index has come. */
  async search(...words: string[]): Promise<string[]> {
    const sets: Set<string>[] = []
    for (const word of words.flatMap(wordsOf)) {
      const prefix = `${word}/`
      const found = new Set<string>()
      for await (const key of this.#library.words.keys({ prefix })) {
        found.add(key.slice(prefix.length))
      }
      sets.push(found)
    }
    const [first, ...others] = sets
    return [...(first ?? [])].filter((id) => others.every((found) => found.has(id)))
  }

  /** How far the index has come; undefined where it has to read all documents. */
  token(): Promise<string | undefined> {
    return this.#library.marks.get(TOKEN)
  }

  /** Keeps the index up to date until the signal. Fails where that cannot go on. */
  async follow(signal: AbortSignal): Promise<void> {
    let reason: ScanReason = 'new'
    while (!signal.aborted) {
      try {
        const token = (await this.token()) ?? (await this.#scan(reason, signal))
        await this.#follow(token, signal)
      } catch (error) {
        if (signal.aborted) return
        const { code } = error as { code?: string }
        if (code !== 'ERR_CHANGES_GAP' && code !== 'ERR_CHANGES_EPOCH') throw error
        reason = code
        await this.#library.marks.delete(TOKEN)
      }
    }
  }

  /** Resolves once all that was written before this call is in the index. It must be followed meanwhile. */
  async settled(): Promise<void> {
    // Never one that an index has waited for that was killed.
    const key = `\0fence ${randomUUID()}`
    const seen = new Promise<void>((resolve) => this.#fences.set(key, resolve))
    await this.#library.documents.delete(key)
    await seen
  }

  /** Begins anew: all documents as they are at one moment, and the token of that moment. */
  async #scan(reason: ScanReason, signal: AbortSignal): Promise<string> {
    const { db, documents, words, indexed, marks } = this.#library
    this.#options.onScan?.(reason)
    // From before that moment on, so that nothing is gone when the place is moved to it.
    await db.retainChanges(PLACE)
    let batch = db.batch()
    let rows = 0
    let cleared = false
    for await (const event of documents.watch({ initial: true, signal })) {
      if (event.type === 'reset' || !cleared) {
        batch.clear()
        await Promise.all([words.clear(), indexed.clear()])
        cleared = true
      }
      if (event.type === 'put') {
        const found = wordsOf(event.value.text)
        batch.put(indexed, event.key, { words: found, edits: event.value.edits })
        for (const word of found) batch.put(words, `${word}/${event.key}`, '')
        if (++rows % SCAN_ROWS !== 0) continue
        await batch.write()
        batch = db.batch()
      } else if (event.type === 'ready') {
        await batch.put(marks, TOKEN, event.token).write()
        // They may have been deleted before that moment, and so are not behind the token.
        await Promise.all([...this.#fences.keys()].map((key) => documents.delete(key)))
        return event.token
      }
    }
    throw signal.reason
  }

  async #follow(begin: string, signal: AbortSignal): Promise<void> {
    const { db, documents } = this.#library
    await db.retainChanges(PLACE, { after: begin })
    let token = begin
    let moved = 0
    let beaten = 0n
    // Of the documents alone: what is written to the index itself is committed, too.
    const feed = { after: begin, families: [documents], signal, heartbeatMs: HEARTBEAT_MS }
    for await (const change of db.changes(feed)) {
      const beat = change.operations.length === 0
      // One more than at the last one: that was its own row.
      if (beat && change.sequence <= beaten + 1n) continue
      if (beat) beaten = change.sequence
      await this.#take(change.operations as Change[], token, change.token)
      token = change.token
      if (!beat && ++moved % MOVE_EVERY !== 0) continue
      await db.retainChanges(PLACE, { after: token })
    }
  }

  /** Takes one commit, and the token behind it, or nothing. */
  async #take(operations: Change[], before: string, token: string): Promise<void> {
    const { db, marks } = this.#library
    await db.transaction(async (tx) => {
      if ((await tx.get(marks, TOKEN)) !== before) throw new Error('there is another index')
      for (const operation of operations) await this.#apply(tx, operation)
      tx.put(marks, TOKEN, token)
    })
    if (operations.length > 0) this.#options.onChange?.()
    for (const { type, ...operation } of operations) {
      if (type !== 'delete' || !('key' in operation)) continue
      this.#fences.get(operation.key)?.()
      this.#fences.delete(operation.key)
    }
  }

  async #apply(tx: Transaction, operation: Change): Promise<void> {
    const { indexed, indexedByBytes } = this.#library
    switch (operation.type) {
      case 'put': {
        const { key, value } = operation
        const old = await tx.get(indexed, key)
        const words = wordsOf(value.text)
        this.#replace(tx, key, old, words)
        tx.put(indexed, key, { words, edits: (old?.edits ?? 0) + 1 })
        break
      }
      case 'delete':
        this.#remove(tx, operation.key, await tx.get(indexed, operation.key))
        break
      case 'deleteRange': {
        const range = { gte: Buffer.from(operation.begin), lt: Buffer.from(operation.end) }
        for await (const [key, old] of tx.entries(indexedByBytes, range)) {
          this.#remove(tx, key.toString(), old)
        }
      }
    }
  }

  #replace(tx: Transaction, id: string, old: Indexed | undefined, now: string[]): void {
    for (const word of old?.words ?? []) {
      if (!now.includes(word)) tx.delete(this.#library.words, `${word}/${id}`)
    }
    for (const word of now) tx.put(this.#library.words, `${word}/${id}`, '')
  }

  #remove(tx: Transaction, id: string, old: Indexed | undefined): void {
    if (old === undefined) return
    this.#replace(tx, id, old, [])
    tx.delete(this.#library.indexed, id)
  }
}
