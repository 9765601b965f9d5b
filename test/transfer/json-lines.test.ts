/** JSON lines: what they say, what is wrong with them, and that printing and reading are inverse. */
import fc from 'fast-check'
import { readLine, rowLine } from '../../lib/transfer/json-lines'
import { rawProperty } from '../../lib/transfer/json-scan'
import { linesOf } from '../../lib/transfer/lines'
import type { Row } from '../../lib/transfer/rows'

const PLAIN = { family: 'default', jsonValues: false }
const read = (text: string, options = PLAIN) => readLine(text, options) as Row
const textOf = (text: string, options = PLAIN) => Buffer.from(read(text, options).value).toString()

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
  fc
    .string({ unit: 'binary' })
    .filter((text) => text.isWellFormed())
    .map((text) => Buffer.from(text)),
  fc.json().map((text) => Buffer.from(text)),
)
const keyForm = fc.constantFrom('utf8' as const, 'hex' as const, 'base64' as const)
const form = fc.constantFrom('utf8' as const, 'json' as const, 'hex' as const, 'base64' as const)

it('any row comes back byte by byte, in every form', () => {
  const row = fc.record({
    family: fc.constantFrom('default', 'users', '\u2028"é'),
    key: bytes,
    value: bytes,
    expiresAtMs: fc.constantFrom(null, 1, 8.64e15),
  })
  fc.assert(
    fc.property(row, keyForm, form, (given, key, value) => {
      const line = rowLine(given, { key, value })
      expect(line.indexOf('\n')).toBe(line.length - 1)
      const back = read(line)
      expect({ ...back, key: Buffer.from(back.key), value: Buffer.from(back.value) }).toEqual(given)
    }),
    { numRuns: 2000 },
  )
})

it.each([
  ['{"key":"a","value":"x"}', 'x'],
  ['{"key":"a","value":12345678901234567890.10}', '12345678901234567890.10'],
  [
    '{"key":"a","value": {"b" : [1,"}",{"c":"\\""}]} ,"columnFamily":"f"}',
    '{"b" : [1,"}",{"c":"\\""}]}',
  ],
  ['{"value":1,"key":"value","value":null}', 'null'],
  ['{"key":"a","val\\u0075e":[ 1 ]}', '[ 1 ]'],
  ['{"key":"a","valueHex":"00FF"}', Buffer.from([0, 255]).toString()],
])('%s has the value %j', (line, value) => {
  expect(textOf(line)).toBe(value)
})

it('takes strings as JSON where that is asked for', () => {
  expect(textOf('{"key":"a","value":"x"}', { ...PLAIN, jsonValues: true })).toBe('"x"')
})

it('finds the text of any property', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (object) => {
      const text = JSON.stringify(object, undefined, 1)
      for (const [name, value] of Object.entries(JSON.parse(text))) {
        expect(JSON.parse(rawProperty(text, name))).toEqual(value)
      }
    }),
  )
})

it.each([
  ['', 'is no JSON'],
  ['[]', 'is no JSON object'],
  ['{"value":"x"}', 'has no key: key, keyHex, keyBase64'],
  ['{"key":"a"}', 'has no value'],
  ['{"key":"a","keyHex":"00","value":""}', 'has key and keyHex, which exclude each other'],
  ['{"key":5,"value":""}', 'keys that are no text are keyHex or keyBase64'],
  ['{"keyHex":"0","value":""}', 'has a "keyHex" that is no hex'],
  ['{"keyHex":"zz","value":""}', 'has a "keyHex" that is no hex'],
  ['{"keyBase64":"*","value":""}', 'has a "keyBase64" that is no base64'],
  ['{"key":"\\ud800","value":""}', 'lone surrogate in "key"'],
  ['{"key":"a","valeu":"x"}', 'unknown property "valeu": did you mean "value"?'],
  ['{"key":"a","value":"x","expiresAt":"soon"}', 'milliseconds since 1970'],
  ['{"key":"a","value":"x","columnFamily":""}', 'has a "columnFamily" that is no name'],
  ['{"columnFamily":"a","expires":5}', 'neither true nor an object'],
  ['{"columnFamily":"a","expires":{"afterMs":-1}}', 'no number of milliseconds'],
])('%s is refused: %s', (line, said) => {
  expect(() => read(line)).toThrow(said)
})

it('counts lines and bytes, whatever the pieces are', async () => {
  const text = '\ufeffa\r\n\nbé\n\n'.repeat(3)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 })), async (sizes) => {
      const all = Buffer.from(text)
      async function* pieces() {
        let at = 0
        for (const size of [...sizes, all.length]) {
          yield all.subarray(at, at + size)
          at += size
        }
      }
      const found = []
      for await (const lines of linesOf(pieces(), 'it', { byte: 0, line: 0 }, 100))
        found.push(...lines)
      expect(found.map(({ number }) => number)).toEqual(found.map((_, at) => at + 1))
      expect(found.slice(0, 3).map((line) => line.text)).toEqual(['a', '', 'bé'])
      expect(found.at(-1)).toMatchObject({ end: all.length, last: false })
    }),
  )
})
