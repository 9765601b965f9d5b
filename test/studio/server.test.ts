/** The server behind the page: who may ask, and what is answered. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { Registry } from 'prom-client'
import { Database, json } from 'rocksdb-live'
import { collectMetrics } from 'rocksdb-live/metrics'
import {
  serveStudio,
  type StudioServer,
  StudioServerError,
  studioHandler,
} from 'rocksdb-live/studio'
import { openFresh, track, useTempDirectory } from '../support/database'
import { answered, ask, listen, send, tokenOf, until } from './support'

useTempDirectory()

let studios: StudioServer[] = []
afterEach(async () => {
  const all = studios
  studios = []
  await Promise.all(all.map((studio) => studio.close()))
})

async function serve(...given: Parameters<typeof serveStudio>): Promise<StudioServer> {
  const studio = await serveStudio(...given)
  studios.push(studio)
  return studio
}

const rows = (family: string, rest: object = {}) => ({
  family,
  keyFormat: 'auto',
  valueFormat: 'auto',
  ...rest,
})

describe('who may ask', () => {
  const post = (studio: StudioServer, headers: Record<string, string>, body = '{}') =>
    send(studio, '/api/about', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-studio-token': tokenOf(studio),
        ...headers,
      },
      body,
    })

  it('answers to the page with its token', async () => {
    const studio = await serve(await openFresh())
    expect((await post(studio, {})).status).toBe(200)
    const own = `http://127.0.0.1:${studio.port}`
    expect((await post(studio, { origin: own, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
    expect(tokenOf(studio).length).toBeGreaterThanOrEqual(32)
    expect(tokenOf(await serve(await openFresh()))).not.toBe(tokenOf(studio))
  })

  it.each([
    ['no token', { 'x-studio-token': '' }, 401],
    ['a wrong token', { 'x-studio-token': 'x'.repeat(32) }, 401],
    ['a foreign origin', { origin: 'https://evil.example' }, 403],
    ['the origin of another port', { origin: 'http://127.0.0.1:1' }, 403],
    ['an origin that is none', { origin: 'null' }, 403],
    ['a page of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }, 403],
    ['another name for this address', { host: 'evil.example' }, 421],
    ['a name that begins like ours', { host: '127.0.0.1.evil.example' }, 421],
    ['no JSON', { 'content-type': 'text/plain' }, 415],
  ])('refuses %s', async (_, headers, status) => {
    const studio = await serve(await openFresh())
    const refused = await post(studio, headers as Record<string, string>)
    expect(refused.status).toBe(status)
    expect(refused.text).not.toContain(tokenOf(studio))
    expect(refused.headers['access-control-allow-origin']).toBeUndefined()
  })

  it('refuses other methods, paths and bodies', async () => {
    const studio = await serve(await openFresh())
    const headers = { 'x-studio-token': tokenOf(studio), 'content-type': 'application/json' }
    expect((await send(studio, '/api/about', { headers })).status).toBe(405)
    expect((await send(studio, '/api/live', { headers, method: 'POST' })).status).toBe(405)
    expect((await send(studio, '/', { method: 'DELETE' })).status).toBe(405)
    for (const path of [
      '/api/nothing',
      '/api/',
      '/../package.json',
      '/%2e%2e/index.js',
      '/api/toString',
    ])
      expect((await send(studio, path, { headers, method: 'POST' })).status).toBe(404)
    expect((await post(studio, {}, '{')).status).toBe(400)
    const long = await post(studio, {}, `"${'x'.repeat(21 << 20)}"`).catch(() => ({ status: 413 }))
    expect(long.status).toBe(413)
    expect((await answered(studio, 'about')).mode).toBe('read-write')
  })

  it('gives the page with a policy that lets nothing else in', async () => {
    const studio = await serve(await openFresh())
    const { status, headers, text } = await send(studio, '/')
    expect(status).toBe(200)
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(headers['content-security-policy']).not.toContain('unsafe')
    expect(text).not.toMatch(/<script>|<style|style=|onload=|https?:/)
    const { etag = '' } = headers
    expect((await send(studio, '/', { headers: { 'if-none-match': etag } })).status).toBe(304)
  })

  it('refuses tokens that can be guessed, and options that are wrong', async () => {
    const db = await openFresh()
    expect(() => studioHandler(db, { token: 'short' })).toThrow(/16 characters/)
    expect(() => studioHandler(db, { token: 'short' })).not.toThrow(/short'/)
    expect(() => studioHandler(db, { basePath: 'studio' })).toThrow(/begin with/)
    expect(() => studioHandler(db, { hosts: ['a:b/c'] })).toThrow(/name of a host/)
    expect(() => studioHandler({} as Database)).toThrow(/Database/)
    await expect(serveStudio(db, { host: '' })).rejects.toThrow(/address/)
    await db.close()
    expect(() => studioHandler(db)).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
  })

  it('says so where the port is in use', async () => {
    const db = await openFresh()
    const { port } = await serve(db)
    const second = serveStudio(db, { port })
    await expect(second).rejects.toThrow(StudioServerError)
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE', port })
  })
})

describe('in a server of the service', () => {
  it('stands behind a path of node:http, and leaves other paths alone', async () => {
    const studio = studioHandler(await openFresh(), { basePath: '/studio' })
    const server = createServer((request, response) =>
      studio(request, response, () => response.end('other')),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    expect((await send({ port }, '/')).text).toBe('other')
    expect((await send({ port }, '/studio')).headers.location).toBe('./studio/')
    expect((await send({ port }, '/studio/')).text).toContain('studio.js')
    server.close()
  })

  it('stands in Express, behind its parser of JSON', async () => {
    const studio = studioHandler(await openFresh())
    const app = express().use(express.json()).use('/inside', studio)
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const headers = { 'x-studio-token': studio.token, 'content-type': 'application/json' }
    const about = await send({ port }, '/inside/api/about', { method: 'POST', headers, body: '{}' })
    expect(about.json.mode).toBe('read-write')
    server.close()
  })
})

describe('what goes on', () => {
  it('has the figures of the exporter', async () => {
    const db = await openFresh({ columnFamilies: { users: { key: 'utf8', value: json() } } })
    const register = new Registry()
    collectMetrics(db, { register })
    const users = db.columnFamily('users')
    for (let at = 0; at < 500; at++) users.putSync(`u${at}`, { at })
    await db.flush()
    const studio = await serve(db)
    const view = await answered(studio, 'health', { filter: '', offset: 0 })
    const text = await register.metrics()
    const exported = (name: string, label = '') =>
      Number(new RegExp(`^node_db_${name}\\{${label}[^}]*\\} (.*)$`, 'm').exec(text)?.[1])
    for (const name of [
      'written_keys_total',
      'wal_writes_total',
      'block_cache_capacity_bytes',
      'open_seconds',
    ])
      expect(view.figures[name]).toBe(exported(name))
    const family = view.families.find(({ name }: { name: string }) => name === 'users')
    for (const name of ['keys', 'live_data_bytes', 'flushes_total'])
      expect(family.figures[name]).toBe(exported(name, '[^}]*column_family="users"'))
    expect(family.figures.keys).toBe(500)
    expect(family.levels[0]).toMatchObject({ level: 0, files: 1 })
  })

  it('sends samples that move, and events', async () => {
    const db = await openFresh()
    const studio = await serve(db)
    const live = await listen(studio)
    await until(() => live.events.some(({ event }) => event === 'sample'))
    db.default.putSync('a', 'b')
    await db.flush()
    await until(() => live.events.some(({ event }) => event === 'happened'))
    const samples = () => live.events.filter(({ event }) => event === 'sample')
    const before = samples().length
    await until(() => samples().length > before + 1)
    const names = live.events.find(({ event }) => event === 'names')?.data as string[]
    const at = names.indexOf('written_keys_total')
    const keys = samples().map(({ data }) => (data as { values: number[] }).values[at])
    expect(keys.at(-1)).toBe(1)
    const told = live.events.find(({ event }) => event === 'happened')?.data
    expect(told).toMatchObject({
      type: 'flush',
      text: expect.stringContaining('default: 1 entries'),
    })
    live.close()
  })

  it('gives who comes later what was sampled before', async () => {
    const studio = await serve(await openFresh())
    const live = await listen(studio)
    const samples = (of: typeof live) => of.events.filter(({ event }) => event === 'sample')
    await until(() => samples(live).length === 2)
    live.close()
    const again = await listen(studio)
    await until(() => samples(again).length === 3)
    expect(samples(again)[0]).toEqual(samples(live)[0])
    again.close()
  })

  it('survives a close of the database, and says so', async () => {
    const db = await openFresh()
    const studio = await serve(db)
    const live = await listen(studio)
    await until(() => live.events.length > 0)
    await db.close()
    await until(() => live.ended())
    expect(live.events.at(-1)).toEqual({ event: 'closed', data: {} })
    const names = ['health', 'rows', 'space', 'tuning', 'families', 'findings']
    for (const name of names) {
      const { status, json: failure } = await ask(
        studio,
        name,
        rows('default', { filter: '', offset: 0 }),
      )
      expect({ name, status, code: failure.code }).toEqual({
        name,
        status: 503,
        code: 'ERR_CLOSED',
      })
    }
    expect((await ask(studio, 'about')).status).toBe(200)
  })

  it('has no more than sixteen who look', async () => {
    const studio = await serve(await openFresh())
    const lives = await Promise.all(Array.from({ length: 16 }, () => listen(studio)))
    const headers = { 'x-studio-token': tokenOf(studio) }
    expect((await send(studio, '/api/live', { headers })).status).toBe(503)
    for (const live of lives) live.close()
  })

  it('changes an option that can change, and nothing where it may not', async () => {
    const db = await openFresh()
    const looking = await serve(db)
    expect((await ask(looking, 'apply', { options: { writeBufferMb: '32' } })).status).toBe(403)
    const studio = await serve(db, { write: true })
    const applied = await answered(studio, 'apply', { options: { writeBufferMb: '32' } })
    expect(applied.changed).toEqual([
      expect.objectContaining({ option: 'writeBufferMb', to: '32' }),
    ])
    const { options } = await answered(studio, 'tuning')
    const option = options.find(({ name }: { name: string }) => name === 'writeBufferMb')
    expect(option).toMatchObject({
      value: '32',
      layer: 'live',
      rocksdb: { holds: String(32 << 20) },
    })
    const wrong = await ask(studio, 'apply', { options: { writeBufferMb: 'many' } })
    expect(wrong).toMatchObject({ status: 400, json: { code: 'ERR_INVALID_TUNING' } })
    expect((await ask(studio, 'apply', { options: { toString: '1' } })).status).toBe(400)
  })

  it('has pages of 2,000 families', async () => {
    const names = Array.from({ length: 2000 }, (_, at) => `family-${String(at).padStart(4, '0')}`)
    const columnFamilies = Object.fromEntries(names.map((name) => [name, {}]))
    const db = await Database.open(Database.memory('many'), {
      columnFamilies,
      tuning: { writeBufferMb: 16 },
    })
    track(db)
    const studio = await serve(db)
    const view = await answered(studio, 'health', { filter: 'family-19', offset: 50 })
    expect(view).toMatchObject({ total: 2001, found: 100, limit: 50 })
    expect(view.families).toHaveLength(50)
    expect((await answered(studio, 'families')).families).toHaveLength(2001)
    const live = await listen(studio)
    await until(() => live.events.some(({ event }) => event === 'names'))
    // Of all families together: what is sent does not grow with them.
    expect(live.events[0]?.data).toHaveProperty('length', expect.any(Number))
    expect(String(live.events[0]?.data).split(',').length).toBeLessThan(600)
    live.close()
  }, 120_000)
})

it('says where files are in the key space', async () => {
  const db = await openFresh({ columnFamilies: { n: { key: 'uint32', value: 'utf8' } } })
  const n = db.columnFamily('n')
  for (const [from, to] of [
    [0, 100],
    [100, 200],
    [50, 150],
  ] as const) {
    for (let at = from; at < to; at++) n.putSync(at, 'x'.repeat(100))
    if (from === 50) n.deleteSync(60)
    await db.flush('n')
  }
  const studio = await serve(db)
  const { boxes, files } = await answered(studio, 'space', { family: 'n', keyFormat: 'uint32' })
  expect(files).toBe(3)
  const [first, middle, last] = boxes
  expect([first.smallest, first.largest]).toEqual(['0', '99'])
  expect([middle.smallest, middle.largest, middle.deletions]).toEqual(['50', '149', 1])
  expect(first.x0).toBe(0)
  expect(last.x1).toBe(1)
  expect(middle.x0).toBeGreaterThan(first.x0)
  expect(middle.x0).toBeLessThan(first.x1)
  expect(last.x0).toBeGreaterThan(first.x1)
})
