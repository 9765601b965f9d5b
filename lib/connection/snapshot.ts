/** Snapshots: what a database held at one moment. */

import { invalidType, invalidValue } from '../base/arguments'
import { RocksDBError } from '../base/errors'
import { guardReceivers, isObject } from '../base/receiver'
import { unwatch, watch } from '../native/abandoned'
import type { Connection } from './connection'

/** What a database held when this was taken. Given to reads as `snapshot`. */
export class Snapshot {
  readonly #connection: Connection
  /** The number that native gave; 0 when released. */
  #number: number

  static {
    guardReceivers(Snapshot, (receiver) => isObject(receiver) && #number in receiver)
  }

  /** @internal Made by `Database.snapshot`. */
  constructor(connection: Connection) {
    this.#connection = connection
    this.#number = connection.run('snapshot', (session) => session.snapshot())
    watch(this, connection.session, this.#number)
  }

  /** @internal The number to pass to native, for reads of this connection. */
  static numberOf(snapshot: unknown, connection: Connection): number {
    if (typeof snapshot !== 'object' || snapshot === null || !(#number in snapshot)) {
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

  /** Whether it was released. */
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
