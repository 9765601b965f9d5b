/** What a token of the change feed says (native/engine/changes/token.h). */

/** A place in a history. */
export interface TokenPlace {
  /** In hexadecimal. */
  epoch: string
  /** How many families had come or gone. */
  lifecycle: number
  /** The sequence number of the last operation before it. */
  sequence: bigint
}

const TOKEN = /^01([0-9a-f]{32})([0-9a-f]{8})([0-9a-f]{8})([0-9a-f]{16})[0-9a-f]{8}$/

/** undefined if it is no token. */
export function placeOf(token: string): TokenPlace | undefined {
  const [, epoch, , lifecycle, next] = TOKEN.exec(token) ?? []
  if (epoch === undefined) return undefined
  return {
    epoch,
    lifecycle: Number.parseInt(lifecycle as string, 16),
    sequence: BigInt(`0x${next}`) - 1n,
  }
}

/** How many families had come or gone: that has no sequence number of its own. */
export function lifecycleOf(token: string | undefined): number {
  return placeOf(token ?? '')?.lifecycle ?? 0
}
