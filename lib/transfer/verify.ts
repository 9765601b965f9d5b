/** Compares every row of a source with what a database has of it. */
import { quote } from '../base/arguments'
import { ENVELOPE, momentOf } from '../codecs/envelope'
import { handleOf, makeFamily } from '../column-family'
import type { BytesFamily } from '../families'
import { nowMs } from '../native/clock'
import { ReadFlag } from '../native/reads'
import type { Row, Source } from './rows'
import type { TargetFamilies, TargetFamily } from './target'

/** Problems that are told; more are counted. */
const TOLD = 5

interface Compared {
  rows: number
  problems: string[]
}

/** How a row differs; undefined where it does not. */
function difference(row: Row, stored: Buffer | undefined, expires: boolean): string | undefined {
  if (stored === undefined) {
    const { expiresAtMs } = row
    const gone = expires && typeof expiresAtMs === 'number' && expiresAtMs <= nowMs()
    return gone || (expires && expiresAtMs === undefined) ? undefined : 'is missing'
  }
  const value = expires ? stored.subarray(ENVELOPE) : stored
  if (Buffer.compare(value, row.value) !== 0) return 'has another value'
  if (!expires || row.expiresAtMs === undefined) return undefined
  const moment = momentOf(stored, 0, stored.length)?.getTime() ?? null
  return moment === row.expiresAtMs ? undefined : 'expires at another moment'
}

/** The values of rows, those of a family whose rows expire with their moments. */
async function valuesOf(
  { family, expires }: TargetFamily,
  rows: readonly Row[],
): Promise<(Buffer | undefined)[]> {
  const options = { fillCache: false }
  if (!expires)
    return family.getMany(
      rows.map(({ key }) => key),
      options,
    )
  const handle = handleOf(family)
  const stored = makeFamily({ ...handle, flags: handle.flags | ReadFlag.envelope }) as BytesFamily
  return Promise.all(rows.map(({ key }) => stored.get(key, options)))
}

/**
 * Compares all rows. `replaced` is how many rows have a key that comes again later in the source: so many may differ
 * at first.
 */
export async function compareRows(
  source: Source,
  families: TargetFamilies,
  replaced: number,
  { signal, tell }: { signal?: AbortSignal | undefined; tell: (rows: number) => void },
): Promise<Compared> {
  const differing = new Map<string, string>()
  let rows = 0
  for await (const chunk of source.chunks(undefined)) {
    signal?.throwIfAborted()
    const byFamily = rowsByFamily(chunk.rows)
    for (const [name, those] of byFamily) {
      const target = families.known(name) ?? (await families.of(name))
      const values = await valuesOf(target, those)
      for (const [at, row] of those.entries()) {
        const problem = difference(row, values[at], target.expires)
        const id = `${name}\0${Buffer.from(row.key).toString('latin1')}`
        if (problem === undefined) differing.delete(id)
        else if (differing.size <= replaced + TOLD) {
          const key = quote(Buffer.from(row.key).toString('hex'))
          differing.set(id, `${name}: the row of the key ${key} (hex) ${problem}`)
        }
      }
    }
    rows += chunk.rows.length
    tell(rows)
  }
  const problems = [...differing.values()]
  const more = problems.length > TOLD ? ['more rows differ'] : []
  return { rows, problems: [...problems.slice(0, TOLD), ...more] }
}

function rowsByFamily(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = groups.get(row.family)
    if (group === undefined) groups.set(row.family, [row])
    else group.push(row)
  }
  return groups
}
