/** The API reference: its links work, and its examples compile. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { blocksOf, brokenLinks, Home, root } from '../support/documents'

const folder = join(root, 'docs/api')
const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))

/** The examples on a page; its other TypeScript blocks are declarations. */
function examplesOf(text: string): string[] {
  return text
    .split(/^#+ Example\n/gm)
    .slice(1)
    .map((section) => blocksOf(section)[0]?.text ?? '')
}

/** What examples assume. */
const GIVEN = `
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { register } from 'prom-client'
import * as z from 'zod'
import { addTuningOptions, ChangesGapError, type Codec, type CommanderProgram, type CommanderOption, counter, Database, descending, type FamilyOptions, InvalidValueError, json, msgpack, type Operation, type OperationContext, ordered, RocksDBError, schema, tuple, TuningError, tuningParseArgsOptions, versions, watchTuning } from 'rocksdb-live'
import { backup, backups, checkTarget, directory, restore, s3, type S3ClientLike, startBackups } from 'rocksdb-live/backup'
import { AppendError, detachReplica, jetstream, LogGapError, LogLostError, openReplica } from 'rocksdb-live/replica'
import { RocksLevel } from 'rocksdb-live/level'
import { collectMetrics, MetricsServerError, serveMetrics } from 'rocksdb-live/metrics'
import express from 'express'
import session from 'express-session'
import { Keyv } from 'keyv'
import { createKeyv, RocksKeyv } from 'rocksdb-live/keyv'
import { RocksSessionStore } from 'rocksdb-live/session'
import { createServer } from 'node:http'
import { serveStudio, studioHandler, StudioServerError } from 'rocksdb-live/studio'
import { tracingChannel } from 'node:diagnostics_channel'
import { trace } from '@opentelemetry/api'
import { instrument } from 'rocksdb-live/otel'
interface User { name: string }
interface Order { id: bigint }
interface AnyOption extends CommanderOption<AnyOption> {}
declare const program: CommanderProgram<AnyOption> & { parse(): void }
declare const rows: [string, User][]
declare const one: Uint8Array
declare const client: S3ClientLike
const db = await Database.open('x', {
  columnFamilies: {
    users: { key: 'utf8', value: json<User>() },
    events: { key: 'uint64', value: 'utf8' },
    counts: { key: 'utf8' },
    names: { key: 'utf8', value: 'uint64' },
    stock: { key: 'utf8', value: json<{ left: number }>() },
    visits: { key: 'utf8', value: counter() },
    sessions: { key: 'utf8', value: json<{ user: string }>(), expires: true },
    orders: { key: tuple('utf8', 'uint64'), value: json<Order>() },
    posts: { key: tuple('utf8', descending('date')), value: 'utf8' },
    settings: { key: ordered(), value: 'json' },
  },
})
const users = db.columnFamily('users')
const events = db.columnFamily('events')
const counts = db.columnFamily('counts')
const names = db.columnFamily('names')
const stock = db.columnFamily('stock')
const orders = db.columnFamily('orders')
const posts = db.columnFamily('posts')
const settings = db.columnFamily('settings')
const sessions = db.columnFamily('sessions')
const sku = 'pen'
const order: Order = { id: 5n }
const value: unknown = 5
const app = express()
const secret = 'of examples'
const tracer = trace.getTracer('examples')
`

it('has links that lead somewhere', () => {
  expect(pages.length).toBeGreaterThan(80)
  const broken = pages.flatMap(({ name, text }) =>
    brokenLinks(text, join('docs/api', dirname(name))).map((link) => `${name}: ${link}`),
  )
  expect(broken).toEqual([])
})

it('has an example for each class and each function', () => {
  const shown = pages.filter(({ name }) => /(classes|functions)/.test(name))
  const bare = shown.filter(({ text }) => examplesOf(text).length === 0).map(({ name }) => name)
  expect(shown.length).toBeGreaterThan(12)
  expect(bare).toEqual([])
})

it('has examples that compile', () => {
  const home = new Home()
  try {
    for (const name of [
      'prom-client',
      'zod',
      'express',
      'express-session',
      'keyv',
      '@opentelemetry',
    ])
      home.install(name)
    const examples = pages.flatMap(({ text }) => examplesOf(text))
    const files = examples.map((text, index) => {
      const name = `example-${index}.mts`
      home.write(name, `${GIVEN}\nexport async function example() {\n${text}}\n`)
      return name
    })
    expect(files.length).toBeGreaterThan(20)
    home.compile(...files)
  } finally {
    home.remove()
  }
}, 60_000)
