/** Applies what the log says to the database, some records at a time. */
import type { Connection } from '../connection/connection'
import { APPLIED_BYTES } from '../native/replica'
import type { Step } from './history'

/** Steps as native takes them. */
export function encodeSteps(steps: readonly Step[]): Buffer {
  const size = steps.reduce((all, { body }) => all + APPLIED_BYTES + body.length, 0)
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  for (const { epoch, sequence, ordinal, body } of steps) {
    bytes.writeBigUInt64LE(BigInt(epoch), at)
    bytes.writeBigUInt64LE(BigInt(sequence), at + 8)
    bytes.writeBigUInt64LE(BigInt(ordinal), at + 16)
    bytes.writeUInt32LE(body.length, at + 24)
    bytes.set(body, at + APPLIED_BYTES)
    at += APPLIED_BYTES + body.length
  }
  return bytes
}

/** Resolves when all are applied; if it rejects, some may be. */
export async function applySteps(connection: Connection, steps: readonly Step[]): Promise<void> {
  if (steps.length === 0) return
  const bytes = encodeSteps(steps)
  await connection.call('replica', (session, id) => session.replicaApply(id, bytes))
}
