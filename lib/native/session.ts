/** The part of the boundary for one open database. See addon.ts. */
import type { NativeCaptures } from './captures'
import type { NativeChanges } from './changes'
import type { NativeCursors } from './cursors'
import type { NativeFiles } from './files'
import type { NativeJobs } from './jobs'
import type { NativeMetricsSession } from './metrics'
import type { NativeReads } from './reads'
import type { NativeReplica } from './replica'
import type { NativeTransactions } from './transactions'
import type { NativeWrites } from './writes'

export interface NativeRecovery {
  /** True if this open created the database. */
  created: boolean
  /** Bytes of WAL that were dropped while opening. */
  droppedBytes: number
  /** RocksDB's reason for each drop, as its info log gives it. */
  reasons: string[]
}

/**
 * One opening of one database by one environment. Functions that the mode does not allow throw
 * ERR_READ_ONLY or ERR_NOT_SUPPORTED: the table is native/engine/store/modes.cc, and a function
 * without a row there is refused in every mode.
 */
export interface NativeSession
  extends NativeReads,
    NativeWrites,
    NativeCursors,
    NativeTransactions,
    NativeChanges,
    NativeCaptures,
    NativeFiles,
    NativeReplica,
    NativeJobs,
    NativeMetricsSession,
    NativeReplica {
  /** Canonical path of the directory. */
  readonly path: string
  readonly recovery: NativeRecovery
  /** Foreign files in the directory; their owner is in brackets if it can be told. */
  readonly strangers: string[]
}
