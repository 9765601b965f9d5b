/** The part of `Database` that tells what was committed. */
import { guardReceivers } from './base/receiver'
import { changes } from './changes/feed'
import { releaseChanges, retainChanges, retainedChanges } from './changes/retain'
import type { AnyFamily, ChangedName, CommittedChange } from './families'
import { isDatabase, partsOf } from './open-database'
import { TransactionalDatabase } from './transactional-database'
import type { ChangeStream, ChangesOptions, RetainedChanges, RetainOptions } from './types/changes'
import type { FamilySpecs } from './types/options'

/** What `Database` has for its history. */
export abstract class ChangesDatabase<F extends FamilySpecs> extends TransactionalDatabase<F> {
  static {
    guardReceivers({ prototype: ChangesDatabase.prototype, name: 'Database' }, isDatabase)
  }

  /**
   * Iterates over what is committed, by whichever thread, one change for each commit, in the order of the
   * commits. Opened by the first call of `next`. None is left out: where changes are gone it fails with
   * `ERR_CHANGES_GAP`, which `changesRetainMb` and `retainChanges` are against. No writer waits for whoever reads
   * this. Not in it: rows that were ingested as files, and what compaction drops.
   *
   * Fails with `ERR_CHANGES_EPOCH` where `after` is a token of another history, with `ERR_INVALID_ARGUMENT`
   * where it is none, with `ERR_NOT_SUPPORTED` on what is opened to read only, with `ERR_CORRUPTION` where bytes are not
   * of a family's codec, with `ERR_ABORTED` as `signal` asks for, and with `ERR_CLOSED`.
   *
   * @example
   * ```ts
   * let token: string | undefined
   * for await (const change of db.changes({ after: token ?? 'oldest', families: ['users'] })) {
   *   for (const operation of change.operations) {
   *     if (operation.type === 'put') console.log(operation.key, operation.value)
   *   }
   *   token = change.token
   * }
   * ```
   */
  changes<
    const Given extends ChangedName<F> | AnyFamily = never,
    // Of the method, so that databases of any families pass for one of none.
    Families extends FamilySpecs = F,
  >(options?: ChangesOptions<Given>): ChangeStream<CommittedChange<Families, Given>> {
    const { connection, families } = partsOf(this)
    const stream: unknown = changes(connection, families, options)
    return stream as ChangeStream<CommittedChange<Families, Given>>
  }

  /**
   * Keeps what is behind a place in the history, under a name, for whoever reads on from there later; also
   * while the database is closed. The same name again moves the place. Where `maxBytes` or `maxAgeMs` are
   * passed, the place is lost, and readers from there fail with `ERR_CHANGES_GAP`.
   *
   * Fails with `ERR_NOT_SUPPORTED` where the database was opened without `changesRetainMb`, and as `changes` does
   * where the place is not there.
   *
   * @param name Any text of up to 255 bytes.
   *
   * @example
   * ```ts
   * await db.retainChanges('search', { after: 'now', maxBytes: 1 << 30 })
   * ```
   */
  async retainChanges(name: string, options?: RetainOptions): Promise<void> {
    await retainChanges(partsOf(this).connection, name, options)
  }

  /** Resolves to the places that are kept. */
  async retainedChanges(): Promise<RetainedChanges[]> {
    return retainedChanges(partsOf(this).connection)
  }

  /** Gives up a place that was kept. Resolves to whether there was one of that name. */
  async releaseChanges(name: string): Promise<boolean> {
    return releaseChanges(partsOf(this).connection, name)
  }
}
