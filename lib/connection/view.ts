/** The view of an open transaction, which reads use in place of a snapshot. */

/** A read's options. */
export interface ReadRequest {
  /** Bits of `ReadFlag`. */
  flags: number
  /** The number of the snapshot or transaction to read from; 0 for none. */
  snapshot: number
  signal: AbortSignal | undefined
  /** 0 for none. */
  deadlineMs: number
}

/** Passed to reads as their options, or among them as `snapshot`. Users never see one. */
export class TransactionView {
  /** The request of a read without options. */
  readonly plain: ReadRequest

  constructor(readonly number: number) {
    this.plain = { flags: 0, snapshot: number, signal: undefined, deadlineMs: 0 }
  }
}
