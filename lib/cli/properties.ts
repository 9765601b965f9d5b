/** `rocksdb-live properties`: RocksDB's properties of a family. */
import type { Database } from '../database'
import { printable, printableLines } from '../formats/printable'
import { ABSENT, type Command, DONE, type Surroundings } from './command'
import { FAMILY_FLAG, familyOf, OPEN_FLAGS, parseOpening, reading, TUNING_HELP } from './database'
import { helpOf, SHARED, wordsOf } from './flags'
import { Lines } from './lines'
import { PROPERTIES, TEXTS } from './property-names'
import { align, bytesText, jsonText } from './render'
import { fitLines } from './style'
import { numberText } from './words'

const FLAGS = { ...FAMILY_FLAG, json: SHARED.json, ...OPEN_FLAGS } as const

export const propertiesCommand: Command = {
  summary: 'Show RocksDB’s properties of a family, or one of them.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseOpening(words, FLAGS)
    if (values.help) {
      surroundings.stdout.write(help())
      return DONE
    }
    const [path, name] = wordsOf('properties', positionals, ['path'], ['name'])
    return reading(path, values, surroundings, (db) => {
      const { name: family } = familyOf(db, values.family)
      const json = values.json ?? false
      return name === undefined
        ? printAll(db, family, json, surroundings)
        : printOne(db, family, name, json, surroundings)
    })
  },
}

async function printAll(
  db: Database,
  family: string,
  json: boolean,
  { stdout }: Surroundings,
): Promise<number> {
  const found = PROPERTIES.flatMap((property) => {
    // Some of them are numbers as text alone.
    const text = db.property(`rocksdb.${property.name}`, family)
    return text === undefined ? [] : [{ ...property, value: Number(text) }]
  })
  using lines = new Lines(stdout)
  if (json) {
    const members = found.map(({ name, value }) => [`rocksdb.${name}`, value])
    await lines.write(jsonText(Object.fromEntries(members)))
    return DONE
  }
  const cells = found.map(({ name, value, unit, about }) => [
    name,
    unit === 'bytes' ? bytesText(value) : numberText(value),
    about,
  ])
  const table = align([['rocksdb.', 'value', ''], ...cells])
  const texts = `of many lines, by name: ${TEXTS.join(', ')}`
  await lines.write(`${[...fitLines(table, stdout), '', texts].join('\n')}\n`)
  return DONE
}

/** The text of one; `stats` is `rocksdb.stats`. */
async function printOne(
  db: Database,
  family: string,
  asked: string,
  json: boolean,
  { stdout, stderr }: Surroundings,
): Promise<number> {
  const name = asked.startsWith('rocksdb.') ? asked : `rocksdb.${asked}`
  const text = db.property(name, family)
  if (text === undefined) {
    stderr.write(`rocksdb-live: RocksDB has no property ${printable(JSON.stringify(name))}\n`)
    return ABSENT
  }
  using lines = new Lines(stdout)
  const map = json ? db.mapProperty(name, family) : undefined
  const shown = json ? jsonText({ [name]: map ?? db.intProperty(name, family) ?? text }) : text
  await lines.write(json ? shown : `${printableLines(shown.trimEnd())}\n`)
  return DONE
}

function help(): string {
  return `Usage: rocksdb-live properties <path> [name] [flags]

Shows what RocksDB's properties say of a family, beside whoever writes the database: they are those of this command's
own reading of it, so that what is in another process's memory (cache, memtables that have no log, running jobs) is
not in them. With a name, with or without rocksdb. in front, the text of that one: stats, levelstats, cfstats. The exit
status is 3 where RocksDB has none of that name.

Flags:
${helpOf(FLAGS)}

${TUNING_HELP}
`
}
