import { checkTarget } from '../../lib/backup/check-target'
import type { BackupTarget, PutCondition } from '../../lib/backup/target'
import { BROKEN } from './broken-targets'
import { MemoryTarget } from './memory-target'

it('finds nothing in a target that is right, and leaves nothing there', async () => {
  const target = new MemoryTarget()
  await target.put('own', () => [new Uint8Array(3)], { size: 3 })
  await checkTarget(target)
  expect([...target.objects.keys()]).toEqual(['own'])
})

it('tries no conditions where there are none', async () => {
  class Plain extends MemoryTarget {
    override conditional = false
    override holds(key: string, condition: PutCondition): boolean {
      expect(condition).toMatchObject({})
      expect([condition.ifMatch, condition.ifNoneMatch]).toEqual([undefined, undefined])
      return super.holds(key, condition)
    }
  }
  await checkTarget(new Plain())
})

it.each(BROKEN)('finds a target that %s', async (_, Broken, message) => {
  const target = new Broken()
  const error = await checkTarget(target).catch((reason) => reason)
  expect(error).toBeInstanceOf(AggregateError)
  expect(error.message).toMatch(/^memory is not as a target must be:\n- /)
  expect(error.message).toMatch(message)
  expect(error.message.split('\n- ').length).toBe(error.errors.length + 1)
})

it('says once what makes all of it fail', async () => {
  const failed = new Error('no way there')
  const reject = () => Promise.reject(failed)
  const target = {
    ...{
      name: 'nowhere',
      conditional: true,
      put: reject,
      get: reject,
      delete: reject,
      head: reject,
    },
    // biome-ignore lint/correctness/useYield: it fails before
    async *list() {
      throw failed
    },
  } as BackupTarget
  const error = await checkTarget(target).catch((reason) => reason)
  expect(error.message).toMatch(
    /^nowhere .*\n- a small object: no way there\n- removing .*: no way/,
  )
  expect(error.errors[0].cause).toBe(failed)
})

it('ends where it is aborted, and still removes what it has put', async () => {
  const target = new MemoryTarget()
  const ending = new AbortController()
  const reason = new Error('enough')
  const put = target.put.bind(target)
  let puts = 0
  target.put = (...args) => {
    if (++puts === 30) ending.abort(reason)
    return put(...args)
  }
  await expect(checkTarget(target, { signal: ending.signal })).rejects.toBe(reason)
  expect(target.objects.size).toBe(0)
})

it.each([
  [undefined, undefined],
  [{}, undefined],
  [{ ...new MemoryTarget(), put: 1 }, undefined],
  [new MemoryTarget(), { signal: 1 }],
  [new MemoryTarget(), { prefix: 'x' }],
])('refuses wrong arguments: %p, %p', async (target, options) => {
  await expect(checkTarget(target as never, options as never)).rejects.toMatchObject({
    code: expect.stringMatching(/^ERR_INVALID_ARG/),
  })
})
