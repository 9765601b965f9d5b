/**
 * Notes with tags, written for level: sublevels, batches over both, and an iterator over a range. It takes any class of the shape
 * of `ClassicLevel`; here it is RocksDB, whose metrics and backups go on working beside it.
 *
 *     npm run level -- add "Buy milk" home shop
 *     npm run level -- list home
 *     npm run level -- remove 1
 */
import { join } from 'node:path'
import { RocksLevel } from 'rocksdb-live/level'

interface Note {
  text: string
  tags: string[]
}

const level = new RocksLevel(join('data', 'level'))
const notes = level.sublevel<string, Note>('notes', { valueEncoding: 'json' })
const byTag = level.sublevel<string, string>('byTag', {})

/** Numbers in the order of their digits. */
const keyOf = (number: number) => String(number).padStart(8, '0')

async function add(text: string, tags: string[]): Promise<number> {
  const [last] = await notes.keys({ reverse: true, limit: 1 }).all()
  const key = keyOf(Number(last ?? 0) + 1)
  const batch = level.batch().put(key, { text, tags }, { sublevel: notes })
  for (const tag of tags) batch.put(`${tag}/${key}`, '', { sublevel: byTag })
  await batch.write({ sync: true })
  return Number(key)
}

async function list(tag: string | undefined): Promise<string[]> {
  const keys =
    tag === undefined
      ? await notes.keys().all()
      : (await byTag.keys({ gte: `${tag}/`, lt: `${tag}0` }).all()).map(
          (key) => key.split('/').at(-1) as string,
        )
  const found = await notes.getMany(keys)
  return keys.map((key, i) => `${Number(key)}: ${found[i]?.text} [${found[i]?.tags.join(', ')}]`)
}

async function remove(number: number): Promise<void> {
  const key = keyOf(number)
  const note = await notes.get(key)
  if (note === undefined) throw new Error(`there is no note ${number}`)
  const batch = level.batch().del(key, { sublevel: notes })
  for (const tag of note.tags) batch.del(`${tag}/${key}`, { sublevel: byTag })
  await batch.write({ sync: true })
}

async function main(): Promise<void> {
  const [command = 'list', ...words] = process.argv.slice(2)
  try {
    await level.open()
    if (command === 'add') console.log(`note ${await add(words[0] ?? '', words.slice(1))}`)
    else if (command === 'list') console.log((await list(words[0])).join('\n'))
    else if (command === 'remove') await remove(Number(words[0]))
    else throw new Error(`unknown command ${command}: add, list or remove`)
  } finally {
    await level.close()
  }
}

main().catch((error: Error) => {
  console.error(error.message, error.cause instanceof Error ? error.cause.message : '')
  process.exitCode = 1
})
