/** What reads go by in the place of a snapshot: an open transaction. */

/** A read's options. */
export interface ReadRequest {
  /** Bits of `ReadFlag`. */
  flags: number
  /** The number of the snapshot or the transaction that is read from; 0 for none. */
  snapshot: number
  signal: AbortSignal | undefined
  /** 0 for none. */
  deadlineMs: number
}

/** Given to reads as their options, or among them as `snapshot`. Users have none. */
export class TransactionView {
  /** The request of a read without options. */
  readonly plain: ReadRequest

  constructor(readonly number: number) {
    this.plain = { flags: 0, snapshot: number, signal: undefined, deadlineMs: 0 }
  }
}
