import {
  describe as describeValue,
  invalidType,
  invalidValue,
  nearest,
  oneOf,
  optionalBoolean,
  optionalInteger,
  optionalString,
  outOfRange,
  ownProperties,
  readOptions,
  wellFormed,
} from '../../lib/base/arguments'

const SECRET = 'secret-key-bytes'

describe('error texts', () => {
  it('are worded as Node words them', () => {
    expect(invalidType('key', 'a string', 5)).toMatchObject({
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_TYPE',
      message: 'The "key" argument must be a string. Received type number (5)',
    })
    expect(invalidType('options.sync', 'a boolean', null).message).toBe(
      'The "options.sync" property must be a boolean. Received null',
    )
    expect(invalidValue('key', Buffer.from('x'), 'must not be detached')).toMatchObject({
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_VALUE',
      message: 'The "key" argument must not be detached. Received an instance of Buffer',
    })
    expect(outOfRange('limit', '>= 0', -1)).toMatchObject({
      name: 'RangeError',
      code: 'ERR_OUT_OF_RANGE',
      message: 'The value of "limit" is out of range. It must be >= 0. Received type number (-1)',
    })
  })

  it.each([
    SECRET,
    Buffer.from(SECRET),
    [SECRET],
    { key: SECRET },
    Symbol(SECRET),
    Object.assign(() => SECRET, { key: SECRET }),
  ])('never carry what is in a key (%#)', (value) => {
    for (const error of [
      invalidType('key', 'a number', value),
      invalidValue('key', value, 'is wrong'),
      outOfRange('key', '>= 0', value),
    ]) {
      expect(error.message).not.toContain('secret')
    }
  })

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [-0, 'type number (-0)'],
    [Number.NaN, 'type number (NaN)'],
    [5n, 'type bigint (5n)'],
    ['four', 'type string (4 characters)'],
    [[], 'an instance of Array'],
    [new Map(), 'an instance of Map'],
    [Object.create(null), 'an object'],
    [() => 1, 'a function'],
    [revoked(), 'an object'],
  ])('describe a value briefly (%#)', (value, text) => {
    expect(describeValue(value)).toBe(text)
  })

  it('start their stack at the caller', () => {
    expect(invalidType('a', 'b', 1).stack?.split('\n')[1]).not.toContain('invalidType')
  })
})

describe('ownProperties', () => {
  it('copies own enumerable properties, each read once', () => {
    let reads = 0
    const options = Object.create(
      { inherited: 1 },
      {
        hidden: { value: 1, enumerable: false },
        seen: { get: () => ++reads, enumerable: true },
      },
    )
    const copy = ownProperties('options', options)
    expect({ ...copy }).toEqual({ seen: 1 })
    expect(copy['seen']).toBe(1)
    expect(reads).toBe(1)
    for (const name of ['constructor', 'toString', '__proto__']) expect(name in copy).toBe(false)
  })

  it('is not misled by a polluted Object.prototype', () => {
    Object.defineProperty(Object.prototype, 'sync', { value: true, configurable: true })
    try {
      expect(readOptions('options', {}, ['sync'])['sync']).toBeUndefined()
    } finally {
      Reflect.deleteProperty(Object.prototype, 'sync')
    }
  })

  it('runs the traps of a Proxy before anything else', () => {
    const trapped: string[] = []
    const proxy = new Proxy(
      { a: 1 },
      {
        get: (target, key) => {
          trapped.push(String(key))
          return Reflect.get(target, key)
        },
      },
    )
    expect(ownProperties('options', proxy)['a']).toBe(1)
    expect(trapped).toEqual(['a'])
  })

  it('takes undefined for no options', () => {
    expect({ ...ownProperties('options', undefined) }).toEqual({})
  })

  it.each([null, 5, 'text', true, [], () => 1])('refuses what is no object (%#)', (value) => {
    expect(() => ownProperties('options', value)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    )
  })
})

describe('readOptions', () => {
  it('names the nearest known option', () => {
    expect(() => readOptions('options', { fillCahce: true }, ['sync', 'fillCache'])).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_VALUE',
        message: 'The "options" argument has no property "fillCahce": did you mean "fillCache"?',
      }),
    )
  })

  it('guesses nothing where nothing is near', () => {
    expect(() => readOptions('options', { zebra: 1 }, ['sync'])).toThrow(
      'The "options" argument has no property "zebra"',
    )
    expect(nearest('zebra', ['sync'])).toBeUndefined()
    expect(nearest('s'.repeat(1000), ['sync'])).toBeUndefined()
  })

  it.each([
    ['write_buffer_mb', 'writeBufferMb'],
    ['WriteBufferMB', 'writeBufferMb'],
    ['blokCacheMb', 'blockCacheMb'],
  ])('finds %s', (name, known) => {
    expect(nearest(name, ['blockCacheMb', 'writeBufferMb'])).toBe(known)
  })

  it('takes __proto__ for a name like any other', () => {
    const options = JSON.parse('{ "__proto__": 1 }')
    expect(() => readOptions('options', options, ['sync'])).toThrow('"__proto__"')
  })
})

describe('checks of single values', () => {
  const integer = (value: unknown) =>
    optionalInteger('n', value, { min: 1, max: 10, default: undefined })

  it('return what is right, and the default for undefined', () => {
    expect(optionalBoolean('b', false, true)).toBe(false)
    expect(optionalBoolean('b', undefined, true)).toBe(true)
    expect([1, 10, undefined].map(integer)).toEqual([1, 10, undefined])
    expect(optionalInteger('n', Number.MAX_SAFE_INTEGER, { default: 0 })).toBe(2 ** 53 - 1)
    expect(optionalString('s', 'ü', '')).toBe('ü')
    expect(optionalString('s', undefined, 'x')).toBe('x')
    expect(oneOf('w', 'b', ['a', 'b'], 'a')).toBe('b')
    expect(oneOf('w', undefined, ['a', 'b'], 'a')).toBe('a')
    expect(wellFormed('s', '𝄞')).toBe('𝄞')
  })

  it.each<[() => unknown, string]>([
    [() => optionalBoolean('x', 1, false), 'ERR_INVALID_ARG_TYPE'],
    [() => optionalBoolean('x', null, false), 'ERR_INVALID_ARG_TYPE'],
    [() => optionalBoolean('x', 'true', false), 'ERR_INVALID_ARG_TYPE'],
    [() => integer('5'), 'ERR_INVALID_ARG_TYPE'],
    [() => integer(5n), 'ERR_INVALID_ARG_TYPE'],
    [() => integer(null), 'ERR_INVALID_ARG_TYPE'],
    [() => integer(Number.NaN), 'ERR_OUT_OF_RANGE'],
    [() => integer(1.5), 'ERR_OUT_OF_RANGE'],
    [() => integer(Number.POSITIVE_INFINITY), 'ERR_OUT_OF_RANGE'],
    [() => integer(0), 'ERR_OUT_OF_RANGE'],
    [() => integer(11), 'ERR_OUT_OF_RANGE'],
    [() => optionalInteger('x', -1, { default: 0 }), 'ERR_OUT_OF_RANGE'],
    [() => optionalInteger('x', 2 ** 53, { default: 0 }), 'ERR_OUT_OF_RANGE'],
    [() => optionalString('x', 5, ''), 'ERR_INVALID_ARG_TYPE'],
    [() => optionalString('x', '\ud800', ''), 'ERR_INVALID_ARG_VALUE'],
    [() => oneOf('x', 'c', ['a', 'b'], 'a'), 'ERR_INVALID_ARG_VALUE'],
    [() => oneOf('x', 1, ['a', 'b'], 'a'), 'ERR_INVALID_ARG_TYPE'],
    [() => wellFormed('x', 'a\udfffb'), 'ERR_INVALID_ARG_VALUE'],
  ])('refuse what is wrong (%#)', (check, code) => {
    expect(check).toThrow(expect.objectContaining({ code }))
  })
})

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
