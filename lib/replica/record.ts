/** How records of the log are written. Little-endian; see the offsets below. */
import { crc32 } from 'node:zlib'

/** What a record is. */
export const RecordKind = {
  /** Somebody has become the writer. Its payload is JSON: EpochFacts. */
  epoch: 0,
  /** A body of the native queue, or a part of one. */
  body: 1,
  /** The writer is there. Where it has a payload, that is JSON: the EpochFacts once more. */
  beat: 2,
} as const

/** `RLR` and the version of the format. */
const MAGIC = 0x31524c52
const At = {
  magic: 0,
  crc: 4,
  kind: 8,
  flags: 9,
  part: 10,
  parts: 12,
  logId: 16,
  epoch: 24,
  ordinal: 32,
  timeMs: 40,
} as const
/** Bytes before the payload. */
export const HEAD_BYTES = 48
const LOCAL = 1

/** What stands before the payload. */
export interface RecordHead {
  kind: number
  /** Whether its writer acknowledges before the log has it. */
  local: boolean
  /** Which part of a body it is, from 0 on, of how many. */
  part: number
  parts: number
  /** 16 hexadecimal digits. */
  logId: string
  /** The sequence of the writer's epoch record; 0 in that record itself. */
  epoch: number
  /** Of a body: its number in the epoch. Of others: the number of the last one before. */
  ordinal: number
  /**
   * By a clock of the writer's process that never steps: all that it had acknowledged until then is in the log up to here.
   */
  timeMs: number
}

/** A record that was read. */
export interface ReadRecord extends RecordHead {
  payload: Uint8Array
}

/** What an epoch record says. */
export interface EpochFacts {
  /** Who writes. */
  node: string
  /** Where it can be reached, if it has said so. */
  url?: string | undefined
  /** Of the first epoch of a log: whether rows were there before, which only a snapshot has. */
  base?: 'snapshot' | undefined
  /** The newest epochs before it, each with the number of its last proposal in the log. */
  finals: [epoch: number, ordinal: number][]
}

export function encodeRecord(head: RecordHead, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + payload.length)
  bytes.writeUInt32LE(MAGIC, At.magic)
  bytes[At.kind] = head.kind
  bytes[At.flags] = head.local ? LOCAL : 0
  bytes.writeUInt16LE(head.part, At.part)
  bytes.writeUInt16LE(head.parts, At.parts)
  bytes.writeUInt16LE(0, At.parts + 2)
  bytes.write(head.logId, At.logId, 'hex')
  bytes.writeBigUInt64LE(BigInt(head.epoch), At.epoch)
  bytes.writeBigUInt64LE(BigInt(head.ordinal), At.ordinal)
  bytes.writeDoubleLE(head.timeMs, At.timeMs)
  bytes.set(payload, HEAD_BYTES)
  bytes.writeUInt32LE(crc32(bytes.subarray(At.kind)), At.crc)
  return bytes
}

/** undefined for what is no record of a replica; throws for one that is damaged. */
export function decodeRecord(given: Uint8Array): ReadRecord | undefined {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
  if (bytes.length < HEAD_BYTES || bytes.readUInt32LE(At.magic) !== MAGIC) return undefined
  if (bytes.readUInt32LE(At.crc) !== crc32(bytes.subarray(At.kind))) {
    throw new Error('its checksum is wrong')
  }
  return {
    kind: bytes[At.kind] as number,
    local: ((bytes[At.flags] as number) & LOCAL) !== 0,
    part: bytes.readUInt16LE(At.part),
    parts: bytes.readUInt16LE(At.parts),
    logId: bytes.toString('hex', At.logId, At.epoch),
    epoch: Number(bytes.readBigUInt64LE(At.epoch)),
    ordinal: Number(bytes.readBigUInt64LE(At.ordinal)),
    timeMs: bytes.readDoubleLE(At.timeMs),
    payload: bytes.subarray(HEAD_BYTES),
  }
}

export function encodeFacts(facts: EpochFacts): Buffer {
  return Buffer.from(JSON.stringify(facts))
}

/** Throws if it says something else. */
export function decodeFacts(payload: Uint8Array): EpochFacts {
  const facts = JSON.parse(Buffer.from(payload).toString('utf8')) as Partial<EpochFacts>
  const { node, url, base, finals } = facts
  const isFinal = (each: unknown) =>
    Array.isArray(each) && each.length === 2 && each.every(Number.isSafeInteger)
  if (typeof node !== 'string' || !Array.isArray(finals) || !finals.every(isFinal)) {
    throw new Error('an epoch record without its facts')
  }
  return {
    node,
    url: typeof url === 'string' ? url : undefined,
    base,
    finals,
  }
}

/** A body as payloads of at most so many bytes. */
export function partsOf(body: Uint8Array, mostBytes: number): Uint8Array[] {
  if (body.length <= mostBytes) return [body]
  if (!(mostBytes >= 1)) throw new RangeError('the log takes no record of any use')
  const parts: Uint8Array[] = []
  for (let at = 0; at < body.length; at += mostBytes) parts.push(body.subarray(at, at + mostBytes))
  return parts
}
