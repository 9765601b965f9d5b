/** Calls every method of every class on a wrong object: an error with a code, and no crash. */
import * as api from 'rocksdb-live'
import { openFresh, useTempDirectory } from '../support/database'
import { ALL, failureOf, methodKeysOf } from '../support/methods'

useTempDirectory()

type Class = { name: string; prototype: object }

const { Batch, ColumnFamily, Cursor, Database, Snapshot } = api

/** The classes of the objects that users get, including those that are not exported. */
async function classes(): Promise<[Class, object][]> {
  const db = await openFresh()
  const family = db.default
  const objects = [
    ...[db, family, db.batch(), db.snapshot(), family.cursor()],
    ...[family.keysSync(), family.keys(), family.pagesSync(), family.pages(), family.writable()],
  ]
  return objects.map((object) => [object.constructor as unknown as Class, object])
}

function* methodsOf({ prototype }: Class): Generator<[name: string, method: () => unknown]> {
  for (const { key, owner } of methodKeysOf(prototype)) {
    const { value, get, set } = Object.getOwnPropertyDescriptor(owner, key) ?? {}
    for (const method of [value, get, set]) {
      if (typeof method === 'function') yield [String(key), method]
    }
  }
}

describe('a method on something else than an object of its class', () => {
  it('fails with ERR_INVALID_THIS, whatever it is and whatever is passed', async () => {
    const all = await classes()
    const wrong: string[] = []
    let tried = 0
    for (const [type, object] of all) {
      const others = all.map(([, other]) => other).filter((other) => other !== object)
      const fake = Object.create(type.prototype)
      const proxy = new Proxy(object, {})
      const receivers = [undefined, null, 5, 'text', {}, () => 1, fake, proxy, type, ...others]
      for (const [name, method] of methodsOf(type)) {
        for (const receiver of receivers) {
          for (const given of [[], ['key', 'value'], [{}, {}, {}]]) {
            tried++
            const error = await failureOf(() => Reflect.apply(method, receiver, given))
            const found = error as { code?: unknown; message: string }
            const right =
              error instanceof TypeError &&
              found.code === 'ERR_INVALID_THIS' &&
              found.message.startsWith(`Value of "this" must be of type ${type.name}. Received `)
            if (!right) wrong.push(`${type.name} ${name} on ${typeof receiver}: ${error}`)
          }
        }
      }
    }
    expect(wrong).toEqual([])
    expect(tried).toBeGreaterThan(3000)
  })

  it('is told by rejecting where the method gives a promise', async () => {
    const { get, put, count } = ColumnFamily.prototype
    const { write } = Batch.prototype
    const { close, flush, resume } = Database.prototype
    for (const method of [get, put, count, write, close, flush, resume]) {
      let returned: unknown
      expect(() => {
        returned = Reflect.apply(method, {}, ['key'])
      }).not.toThrow()
      await expect(returned).rejects.toMatchObject({ code: 'ERR_INVALID_THIS' })
    }
  })

  it('keeps the names and lengths of the methods', () => {
    const { setOptions } = Database.prototype
    const { next } = Cursor.prototype
    expect([setOptions.name, setOptions.length]).toEqual(['setOptions', 2])
    expect([next.name, next.length]).toEqual(['next', 1])
    expect(Snapshot.prototype.release.name).toBe('release')
  })
})

describe('the lists of calls that other tests go through', () => {
  // Members that work without the database: values, and ways to end it or to listen to it; and those
  // that want a family whose rows expire, which have tests of their own (test/expiry/ends.test.ts).
  const ELSEWHERE: Record<string, readonly string[]> = {
    Database: 'path closed default tuning recovery on once off close closeSync batch'.split(' '),
    ColumnFamily: 'name touch touchSync expiresAt expiresAtSync'.split(' '),
    Batch: 'count byteLength put delete deleteRange merge increment clear'.split(' '),
  }

  it('have every method of a database, a family and a batch', () => {
    const all = Object.keys(ALL).map((name) => name.split(' ')[0] as string)
    for (const type of [Database, ColumnFamily, Batch]) {
      const names = [...methodsOf(type as unknown as Class)].map(([name]) => name)
      const own = (name: string) => name.startsWith('batch.') === (type === Batch)
      const listed = new Set(all.filter(own).map((name) => name.split('.').pop()))
      const missing = names.filter((name) => !listed.has(name) && !name.startsWith('Symbol('))
      expect([type.name, missing.sort()]).toEqual([
        type.name,
        [...(ELSEWHERE[type.name] ?? [])].sort(),
      ])
    }
  })
})
