/**
 * What the values of a family are beyond bytes, as the feed and a replica's log tell it in one text (see
 * native/engine/options/family_nature.h).
 */

const EXPIRES = '{id=rocksdb-live.expires'

export interface FamilyNature {
  mergeOperator: string | undefined
  /** The `compaction_filter_factory` of a family whose rows expire. */
  expiry: string | undefined
}

/** Takes such a text apart; a family has at most one of both. */
export function natureOf(text: string): FamilyNature {
  const expires = text.startsWith(EXPIRES)
  return {
    mergeOperator: expires || text === '' ? undefined : text,
    expiry: expires ? text : undefined,
  }
}
