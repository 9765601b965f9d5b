/** The key space: where in the order of the keys each file is, and how much of the data lies there. */
import type { Database } from '../database'
import type { DataFile } from '../types/files'
import { fieldsOf, textIn } from './given'
import type { SpaceBox, SpaceView } from './protocol'
import type { Shape, Shapes } from './shapes'

/** More boxes than this are not sent: neighbours on a level become one. */
const MOST_BOXES = 4000
const KEY_BYTES = 64

interface Table extends DataFile {
  level: number
  smallestKey: Buffer
  largestKey: Buffer
}

export async function spaceOf(
  db: Database,
  shapes: Shapes,
  body: unknown,
  signal: AbortSignal,
): Promise<SpaceView> {
  const given = fieldsOf(body)
  const columnFamily = textIn(given, 'family')
  const shape = shapes.shape(columnFamily, 'key', textIn(given, 'keyFormat', ''))
  const files = await db.files({ columnFamily, signal })
  const tables = files.filter(
    (file): file is Table => file.kind === 'table' && file.smallestKey !== undefined,
  )
  const blobs = files.filter(({ kind }) => kind === 'blob')
  const sum = (of: readonly DataFile[], field: 'bytes' | 'garbageBytes') =>
    of.reduce((all, file) => all + (file[field] ?? 0), 0)
  return {
    boxes: boxesOf(tables, shape),
    levels: Math.max(0, ...tables.map(({ level }) => level + 1)),
    files: tables.length,
    bytes: sum(tables, 'bytes'),
    blobs: {
      files: blobs.length,
      bytes: sum(blobs, 'bytes'),
      garbageBytes: sum(blobs, 'garbageBytes'),
    },
  }
}

/**
 * Where the keys stand on the axis, from 0 to 1: what lies between two of them is as wide as the bytes of files
 * there, so that the axis is the data and not the bytes of the keys.
 */
class Axis {
  readonly #ranks = new Map<string, number>()
  readonly #places: Float64Array

  constructor(tables: readonly Table[]) {
    const keys = new Map<string, Buffer>()
    for (const { smallestKey, largestKey } of tables) {
      for (const key of [smallestKey, largestKey]) keys.set(key.toString('latin1'), key)
    }
    const sorted = [...keys].sort(([, a], [, b]) => Buffer.compare(a, b))
    for (const [rank, [name]] of sorted.entries()) this.#ranks.set(name, rank)
    const steps = Math.max(1, sorted.length - 1)
    const changes = new Float64Array(steps + 1)
    for (const table of tables) {
      const [from, to] = this.#range(table)
      const density = table.bytes / Math.max(1, to - from)
      changes[Math.min(from, steps - 1)] = (changes[Math.min(from, steps - 1)] ?? 0) + density
      const end = Math.max(to, from + 1)
      if (end <= steps) changes[end] = (changes[end] ?? 0) - density
    }
    this.#places = cumulated(changes, steps)
  }

  #range({ smallestKey, largestKey }: Table): [number, number] {
    const rank = (key: Buffer) => this.#ranks.get(key.toString('latin1')) ?? 0
    return [rank(smallestKey), rank(largestKey)]
  }

  of(table: Table): [number, number] {
    const [from, to] = this.#range(table)
    return [this.#places[from] ?? 0, this.#places[to] ?? 1]
  }
}

/** The sums of the densities, as parts of their total; every step has at least some width. */
function cumulated(changes: Float64Array, steps: number): Float64Array {
  const widths = new Float64Array(steps)
  let density = 0
  let total = 0
  for (let step = 0; step < steps; step++) {
    density += changes[step] ?? 0
    widths[step] = Math.max(0, density)
    total += widths[step] ?? 0
  }
  const least = total === 0 ? 1 : total / steps / 1000
  const places = new Float64Array(steps + 1)
  for (let step = 0; step < steps; step++) {
    places[step + 1] = (places[step] ?? 0) + Math.max(least, widths[step] ?? 0)
  }
  const last = places[steps] || 1
  return places.map((place) => place / last)
}

function boxesOf(tables: readonly Table[], shape: Shape): SpaceBox[] {
  const axis = new Axis(tables)
  const text = (key: Buffer) => {
    const head = key.subarray(0, KEY_BYTES)
    const whole = key.length <= KEY_BYTES ? shape.text(key).text : undefined
    return whole ?? `0x${head.toString('hex')}${key.length > KEY_BYTES ? '…' : ''}`
  }
  const sorted = [...tables].sort(
    (a, b) => a.level - b.level || Buffer.compare(a.smallestKey, b.smallestKey),
  )
  const together = Math.ceil(sorted.length / MOST_BOXES)
  const boxes: SpaceBox[] = []
  for (const table of sorted) {
    const [x0, x1] = axis.of(table)
    const last = boxes.at(-1)
    const joins = last !== undefined && last.level === table.level && last.files < together
    if (joins) join(last, table, x1, text(table.largestKey))
    else boxes.push(boxOf(table, [x0, x1], [text(table.smallestKey), text(table.largestKey)]))
  }
  return boxes
}

function boxOf(
  table: Table,
  [x0, x1]: [number, number],
  [smallest, largest]: [string, string],
): SpaceBox {
  const { level, name, bytes, entries = 0, deletions = 0, rangeDeletions = 0, reads = 0 } = table
  return {
    level,
    x0,
    x1,
    files: 1,
    name,
    bytes,
    entries,
    deletions: deletions + rangeDeletions,
    reads,
    createdAtMs: table.createdAt?.getTime(),
    smallest,
    largest,
    compacting: table.beingCompacted ?? false,
  }
}

function join(box: SpaceBox, table: Table, x1: number, largest: string): void {
  if (x1 >= box.x1) box.largest = largest
  box.x1 = Math.max(box.x1, x1)
  box.files++
  box.bytes += table.bytes
  box.entries += table.entries ?? 0
  box.deletions += (table.deletions ?? 0) + (table.rangeDeletions ?? 0)
  box.reads += table.reads ?? 0
  box.compacting ||= table.beingCompacted ?? false
  const at = table.createdAt?.getTime()
  if (at !== undefined) box.createdAtMs = Math.min(box.createdAtMs ?? at, at)
}
