/** The keys and values of the model's families, in the form of their codecs. */
import { FAMILIES, type FamilyName, KEY_BYTES } from './model'

/** The key with a number. */
export function keyOf(family: FamilyName, key: number): unknown {
  const bytes = KEY_BYTES[family][key] as Buffer
  if (family === 'bytes') return bytes
  return family === 'text' ? bytes.toString() : bytes.readUInt32BE()
}

const numbers = new Map(
  FAMILIES.map((name) => [
    name,
    new Map(KEY_BYTES[name].map((bytes, i) => [bytes.toString('hex'), i])),
  ]),
)

/** The number of a key that was read; -1 for a key that nobody wrote. */
export function numberOf(family: FamilyName, key: unknown): number {
  let bytes = key as Buffer
  if (family === 'text') bytes = Buffer.from(key as string)
  if (family === 'numbers') {
    bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(key as number)
  }
  return numbers.get(family)?.get(bytes.toString('hex')) ?? -1
}

/** The value for a text. */
export function valueFor(family: FamilyName, text: string): unknown {
  if (family === 'bytes') return Buffer.from(text)
  return family === 'text' ? { text } : text
}

/** The text of a value that was read. */
export function textFrom(family: FamilyName, value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (family === 'bytes') return (value as Buffer).toString()
  return family === 'text' ? (value as { text: string }).text : (value as string)
}
