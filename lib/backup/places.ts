/** The named place that keeps WAL for a target. */

import { retainChanges, retainedChanges } from '../changes/retain'
import type { Connection } from '../connection/connection'
import { codeOf } from './errors'
import { sumOf } from './objects'
import type { BackupTarget } from './target'

/** Between two times that the place is moved, in milliseconds: each is written to the disk. */
const EVERY_MS = 5000
const CHARACTERS = 12

export class Places {
  /** WAL that was not in the target when the place was moved last. */
  lagBytes = 0
  readonly #connection: Connection
  readonly #name: string
  readonly #maxBytes: number
  #movedAt = Number.NEGATIVE_INFINITY
  /** Whether the database keeps WAL. */
  #kept = true

  constructor(connection: Connection, target: BackupTarget, maxBytes: number) {
    this.#connection = connection
    this.#maxBytes = maxBytes
    this.#name = placeName(target)
  }

  /** What is behind the token is kept from now on, and nothing before it. */
  async move(token: string, always: boolean): Promise<void> {
    const now = performance.now()
    if (!this.#kept || (!always && now - this.#movedAt < EVERY_MS)) return
    this.#movedAt = now
    try {
      await retainChanges(this.#connection, this.#name, { after: token, maxBytes: this.#maxBytes })
      const places = await retainedChanges(this.#connection)
      this.lagBytes = places.find(({ name }) => name === this.#name)?.lagBytes ?? 0
    } catch (error) {
      if (codeOf(error) !== 'ERR_NOT_SUPPORTED') throw error
      this.#kept = false
    }
  }
}

/** The name of the place of a target. */
export function placeName(target: BackupTarget): string {
  return `backups ${sumOf(Buffer.from(target.name)).slice(0, CHARACTERS)}`
}
