/** Snapshots: what a database held at one moment. */

import { invalidType, invalidValue } from '../base/arguments'
import { RocksDBError } from '../base/errors'
import { checkInside, guardReceivers, INSIDE, isObject } from '../base/receiver'
import { unwatch, watch } from '../native/abandoned'
import type { Connection } from './connection'

/** @internal Takes a snapshot of a connection's database. */
export let makeSnapshot: (connection: Connection) => Snapshot

/** @internal The number to pass to native for reads of this connection. Throws if there is none. */
export let snapshotNumber: (snapshot: unknown, connection: Connection) => number

/**
 * What a database held when this was taken by `Database.snapshot`. Given to reads as `snapshot`; those
 * fail with `ERR_CLOSED` once it is released. It keeps old data on the disk until then.
 *
 * @example
 * ```ts
 * using before = db.snapshot()
 * await users.delete('ada')
 * console.log(await users.has('ada', { snapshot: before })) // true
 * ```
 */
export class Snapshot {
  readonly #connection: Connection
  /** The number that native gave; 0 when released. */
  #number: number

  static {
    guardReceivers(Snapshot, (receiver) => isObject(receiver) && #number in receiver)
    makeSnapshot = (connection) => new Snapshot(INSIDE, connection)
    snapshotNumber = (snapshot, connection) => {
      if (!isObject(snapshot) || !(#number in snapshot)) {
        throw invalidType('options.snapshot', 'a Snapshot', snapshot)
      }
      if (snapshot.#connection !== connection) {
        throw invalidValue('options.snapshot', snapshot, 'must be of the same database')
      }
      if (snapshot.#number === 0) {
        throw new RocksDBError('the snapshot was released', { code: 'ERR_CLOSED' })
      }
      return snapshot.#number
    }
  }

  private constructor(inside: unknown, connection: Connection) {
    checkInside(inside, 'Snapshot', 'db.snapshot()')
    this.#connection = connection
    this.#number = connection.run('snapshot', (session) => session.snapshot())
    watch(this, connection.session, this.#number)
  }

  /** Whether `release` was called. */
  get released(): boolean {
    return this.#number === 0
  }

  /** Lets RocksDB drop the old data that this kept. Doing it again is no error. */
  release(): void {
    if (this.#number === 0) return
    const number = this.#number
    this.#number = 0
    unwatch(this)
    if (!this.#connection.closed) this.#connection.session.end(number)
  }

  /** `release`, for `using`. */
  [Symbol.dispose](): void {
    this.release()
  }
}
