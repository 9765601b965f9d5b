/** Rows of a LevelDB, through the package classic-level. */
import { realpathSync } from 'node:fs'
import { checkKind } from './detect'
import { codeOf, failure, textOf } from './errors'
import { lastSequenceOf } from './level-sequence'
import { loadPackage } from './packages'
import {
  CHUNK_BYTES,
  CHUNK_ROWS,
  type Chunk,
  type Json,
  type Row,
  type Source,
  type SourceOptions,
} from './rows'

/** What is used of classic-level. */
interface Level {
  open(): Promise<void>
  close(): Promise<void>
  iterator(options: Record<string, unknown>): {
    nextv(rows: number): Promise<[Uint8Array, Uint8Array][]>
    close(): Promise<void>
  }
}

type LevelPackage = {
  ClassicLevel: new (path: string, options: Record<string, unknown>) => Level
}

const ENCODINGS = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const
/** What begins and ends the name of a sublevel: `!`. */
const SEPARATOR = 0x21

/** The failure of classic-level, in the words of this package. */
function explained(path: string, error: unknown): unknown {
  const code = codeOf(error)
  if (code === 'LEVEL_LOCKED') {
    const message = `${path} is open elsewhere: LevelDB lets one process read it at a time. Close it there first`
    return failure('ERR_LOCKED', message, error)
  }
  const { cause } = (error ?? {}) as { cause?: unknown }
  const text = textOf(cause ?? error)
  if (
    code === 'LEVEL_CORRUPTION' ||
    /corrupt|checksum|missing files|\.(ldb|sst): Invalid argument/i.test(text)
  ) {
    const hint = `ClassicLevel.repair(${JSON.stringify(path)}) of classic-level keeps what can be read`
    return failure('ERR_CORRUPTION', `the LevelDB ${path} is damaged: ${text}. ${hint}`, error)
  }
  return failure('ERR_IO', `the LevelDB ${path} cannot be read: ${text}`, error)
}

/** The family and the key of a key that may be of a sublevel. */
function split(key: Uint8Array, fallback: string): { family: string; key: Uint8Array } {
  if (key[0] !== SEPARATOR) return { family: fallback, key }
  const end = key.indexOf(SEPARATOR, 1)
  if (end <= 1) return { family: fallback, key }
  return { family: Buffer.from(key.subarray(1, end)).toString('utf8'), key: key.subarray(end + 1) }
}

class LevelSource implements Source {
  readonly kind = 'level'
  readonly where: string
  readonly identity: Source['identity']
  readonly families: Source['families']
  readonly unique = true
  readonly again = true
  readonly total = {}
  readonly #db: Level
  readonly #into: string
  readonly #sublevels: boolean

  constructor(path: string, db: Level, { into, sublevels }: SourceOptions) {
    this.#db = db
    this.#into = into ?? 'default'
    this.#sublevels = sublevels ?? false
    this.where = path
    const state = lastSequenceOf(path)
    this.identity = { path, state, into: this.#into, sublevels: this.#sublevels }
    this.families = [{ name: this.#into }]
  }

  async *chunks(after: Json | undefined): AsyncGenerator<Chunk> {
    const behind = after === undefined ? {} : { gt: Buffer.from(after as string, 'base64') }
    const options = { ...behind, ...ENCODINGS, fillCache: false, highWaterMarkBytes: CHUNK_BYTES }
    const iterator = this.#db.iterator(options)
    try {
      for (;;) {
        const entries = await iterator.nextv(CHUNK_ROWS)
        const last = entries.at(-1)
        if (last === undefined) return
        const rows = entries.map(([key, value]) => this.#rowOf(key, value))
        const bytes = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0)
        yield { rows, place: Buffer.from(last[0]).toString('base64'), bytes }
      }
    } catch (error) {
      throw explained(this.where, error)
    } finally {
      await iterator.close()
    }
  }

  async close(): Promise<void> {
    await this.#db.close()
  }

  #rowOf(key: Uint8Array, value: Uint8Array): Row {
    if (!this.#sublevels) return { family: this.#into, key, value }
    return { ...split(key, this.#into), value }
  }
}

/** Opens a LevelDB. Nobody else may have it open. */
export async function openLevel(given: string, options: SourceOptions): Promise<Source> {
  checkKind(given, 'level')
  const path = realpathSync(given)
  const folder = options.from ?? process.cwd()
  const { ClassicLevel } = loadPackage<LevelPackage>('classic-level', folder, 'reading a LevelDB')
  const db = new ClassicLevel(path, { ...ENCODINGS, createIfMissing: false })
  try {
    await db.open()
  } catch (error) {
    throw explained(path, error)
  }
  try {
    return new LevelSource(path, db, options)
  } catch (error) {
    await db.close()
    throw error
  }
}
