/** Edits: shown as a batch first, and written where everything is still as it was when it was read. */
import type { Database } from '../database'
import { Refused } from './exchange'
import { fieldsOf, hexIn, listIn, textIn } from './given'
import type { Preview, Written } from './protocol'
import { bytesFamily, DETAIL_BYTES } from './rows'
import { cellOf, type Shape, type Shapes } from './shapes'

const MOST_EDITS = 1000

/** An edit, encoded. */
interface Encoded {
  family: ReturnType<typeof bytesFamily>
  keyShape: Shape
  valueShape: Shape
  key: Buffer
  /** undefined of a delete. */
  value: Buffer | undefined
  /** undefined where the row must not be there. */
  before: Buffer | undefined
}

function encodedEdits(db: Database, shapes: Shapes, body: unknown): Encoded[] {
  const given = listIn(fieldsOf(body), 'edits', MOST_EDITS)
  if (given.length === 0) throw new Refused(400, 'ERR_INVALID_ARGUMENT', 'there are no edits')
  const edits = given.map((each, at) => encodedEdit(db, shapes, each, `edits[${at}]`))
  const keys = new Set(edits.map(({ family, key }) => `${key.toString('hex')}:${family.name}`))
  if (keys.size < edits.length) {
    throw new Refused(400, 'ERR_INVALID_ARGUMENT', 'two edits are of the same row')
  }
  return edits
}

function encodedEdit(db: Database, shapes: Shapes, each: unknown, where: string): Encoded {
  const edit = fieldsOf(each, where)
  const name = textIn(edit, 'family')
  const family = bytesFamily(db, name)
  const type = textIn(edit, 'type')
  if (type !== 'put' && type !== 'delete') {
    throw new Refused(400, 'ERR_INVALID_ARGUMENT', `${where}.type must be put or delete`)
  }
  const keyShape = shapes.shape(name, 'key', textIn(edit, 'keyFormat'))
  const valueShape = shapes.shape(name, 'value', textIn(edit, 'valueFormat', ''))
  return {
    family,
    keyShape,
    valueShape,
    key: keyShape.bytes(textIn(edit, 'key')),
    value: type === 'put' ? valueShape.bytes(textIn(edit, 'value')) : undefined,
    before: edit['before'] === null ? undefined : hexIn(edit, 'before'),
  }
}

/** What the batch would do to the rows as they are now. Nothing is written. */
export async function previewOf(db: Database, shapes: Shapes, body: unknown): Promise<Preview> {
  const edits: Preview['edits'] = []
  for (const edit of encodedEdits(db, shapes, body)) {
    const { family, key, value, before, keyShape, valueShape } = edit
    const now = await family.get(key)
    const same =
      now === undefined ? before === undefined : before !== undefined && now.equals(before)
    edits.push({
      key: cellOf(keyShape, key),
      before: now && cellOf(valueShape, Buffer.from(now.subarray(0, DETAIL_BYTES)), now.length),
      after: value && cellOf(valueShape, value),
      changed: !same,
    })
  }
  return { edits }
}

/** Writes the batch in one commit, or nothing of it where a row is no longer what it was. */
export async function write(db: Database, shapes: Shapes, body: unknown): Promise<Written> {
  const edits = encodedEdits(db, shapes, body)
  const checks = edits.map(({ family, key, before }) =>
    before === undefined
      ? { columnFamily: family, key, absent: true as const }
      : { columnFamily: family, key, equals: before },
  )
  const operations = edits.map(({ family, key, value }) =>
    value === undefined
      ? { type: 'delete' as const, columnFamily: family, key }
      : { type: 'put' as const, columnFamily: family, key, value },
  )
  return { written: await db.compareAndWrite({ checks, operations }, { sync: true }) }
}
