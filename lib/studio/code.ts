/** A row as code of this package, to be copied. */
import type { Cell, RowView } from './protocol'
import { DECLARED } from './shapes'

/** Longer values are not written out. */
const MOST_TEXT = 2_000
const BIG = new Set(['uint64', 'int64', 'uint64le', 'counter'])
const SMALL = new Set(['uint32', 'int32', 'float64', 'boolean'])
const CODECS = new Set([...SMALL, 'utf8', 'json', 'uint64', 'int64', 'date', 'uuid'])

/** Text in single quotes, which is safe in any program. */
function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${inner.replace(/[\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`)}'`
}

function literal({ text, hex }: Cell, format: string): string {
  if (text === undefined) return `Buffer.from('${hex}', 'hex')`
  if (BIG.has(format)) return `${text}n`
  if (SMALL.has(format)) return text
  if (format === 'json' || format === DECLARED) return asJson(text)
  if (format === 'date') return `new Date(${quoted(text)})`
  if (format === 'utf8' || format === 'uuid') return quoted(text)
  return `Buffer.from('${hex}', 'hex')`
}

function asJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return quoted(text)
  }
}

const codecName = (format: string) => (CODECS.has(format) ? format : 'buffer')

/** Code that reads the row, and code that writes it. */
export function codeOf(
  family: string,
  { key, value }: RowView,
  keyFormat: string,
  valueFormat: string,
): string {
  const isDeclared = keyFormat === DECLARED || valueFormat === DECLARED
  const codecs = `{ key: '${codecName(keyFormat)}', value: '${codecName(valueFormat)}' }`
  const family_ = isDeclared
    ? `db.columnFamily(${quoted(family)})`
    : `db.columnFamily(${quoted(family)}, ${codecs})`
  const named = literal(key, keyFormat)
  const lines = [`const family = ${family_}`, `const value = await family.get(${named})`]
  if (value !== undefined && !value.cut && (value.text ?? value.hex).length <= MOST_TEXT) {
    lines.push(`await family.put(${named}, ${literal(value, valueFormat)})`)
  }
  return `${lines.join('\n')}\n`
}
