/** The formats of several values, and of values in reverse order. */
import { FormatError, type Words } from './format'
import { parseJson } from './plain'

/** Values whose text would be taken for something else inside of a list with commas. */
const NEEDS_JSON = /^$|^\[|[,"]/

/** A part as JSON has it, from a text: numbers that JSON would round have to be texts. */
function partText(part: unknown, all: string): string {
  if (typeof part === 'number' && !Number.isInteger(part)) return String(part)
  if (typeof part === 'number' && !Number.isSafeInteger(part)) {
    throw new FormatError(`${all}: JSON rounds a number this large; write it as text, in quotes`)
  }
  return typeof part === 'object' ? JSON.stringify(part) : String(part)
}

/** The texts of the parts: `eu,5`, or a JSON array. */
function splitParts(text: string): string[] {
  if (text === '') return []
  if (!text.startsWith('[')) return text.split(',')
  const parts = parseJson(text)
  return (parts as unknown[]).map((part) => partText(part, text))
}

/** A tuple: `eu,5`, or `["eu",5]` where a part is empty or has commas, quotes or brackets. */
export function tupleWords(parts: readonly Words[]): Words {
  const name = `tuple(${parts.map((part) => part.name).join(',')})`
  const parsed = (text: string, texts: readonly string[]) => {
    if (texts.length > parts.length) {
      throw new FormatError(
        `${JSON.stringify(text)} has ${texts.length} parts, and ${name} has ${parts.length}`,
      )
    }
    return texts.map((each, at) => (parts[at] as Words).parse(each))
  }
  return {
    name,
    parse(text) {
      const texts = splitParts(text)
      if (texts.length === parts.length) return parsed(text, texts)
      throw new FormatError(
        `${JSON.stringify(text)} has ${texts.length} of the ${parts.length} parts of ${name}`,
      )
    },
    parseBound: (text) => parsed(text, splitParts(text)),
    text(value) {
      const texts = (value as unknown[]).map((each, at) => (parts[at] as Words).text(each))
      return texts.some((each) => NEEDS_JSON.test(each)) ? JSON.stringify(texts) : texts.join(',')
    },
    json: (value) => (value as unknown[]).map((each, at) => (parts[at] as Words).json(each)),
  }
}

/** Another format's values in reverse order. */
export function descendingWords(inner: Words): Words {
  return { ...inner, name: `desc:${inner.name}` }
}
