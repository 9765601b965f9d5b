/** A server, the proxy before it, a bucket, and clients: for the proofs of s3(). */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { type S3Options, s3 } from '../../../lib/backup/s3'
import type { BackupTarget, PutCondition } from '../../../lib/backup/target'
import { FaultProxy } from './faults'

export const MIB = 2 ** 20
export const BUCKET = 'backups'
const KEYS = { accessKeyId: 'tester', secretAccessKey: 'tester-secret' }

/** Late answers are soon too late here. */
export const HASTY: Partial<S3Options> = { timeoutMs: 700, partMb: 5 }

/** The tries of the client may go before those of the target, or not. */
export const CLIENTS: [string, S3ClientConfig][] = [
  ['whose client tries again by itself', {}],
  ['whose client tries once', { maxAttempts: 1 }],
]

/** A server with one bucket, and the way to it. */
export interface World {
  proxy: FaultProxy
  /** A client, through the proxy. */
  client(config?: S3ClientConfig): S3Client
  /** A target, through the proxy. */
  target(options?: Partial<S3Options>, config?: S3ClientConfig): BackupTarget
  /** The keys of uploads in parts that were neither completed nor taken back. */
  unfinished(): Promise<string[]>
  close(): Promise<void>
}

/** Starts everything. */
export async function startWorld(): Promise<World> {
  const home = await mkdtemp(join(tmpdir(), 'rocksdb-live-s3-'))
  const socket = join(home, 'socket')
  const stop = await startServer(home, socket)
  const proxy = new FaultProxy(socket)
  const endpoint = await proxy.listen()
  const clients: S3Client[] = []
  const client = (config: S3ClientConfig = {}) => {
    const made = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: KEYS,
      ...config,
    })
    clients.push(made)
    return made
  }
  const own = client()
  await own.send(new CreateBucketCommand({ Bucket: BUCKET }))
  proxy.reset()
  return {
    proxy,
    client,
    target: (options = {}, config = {}) =>
      s3({ client: client(config), bucket: BUCKET, prefix: 'shop', ...options }),
    unfinished: async () => {
      const { Uploads = [] } = await own.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))
      return Uploads.map(({ Key = '' }) => Key)
    },
    close: async () => {
      for (const one of clients) one.destroy()
      await proxy.close()
      await stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Starts the server on a socket, over a directory. Returns what ends it. */
async function startServer(home: string, socket: string): Promise<() => Promise<void>> {
  const program = process.env['S3_SERVER']
  if (program === undefined) throw new Error('run it with: npm run test:s3')
  const data = join(home, 'data')
  await mkdir(data)
  const keys = ['--access', KEYS.accessKeyId, '--secret', KEYS.secretAccessKey]
  // Metadata goes to attributes of the files: in files of its own, --sidecar, it is not replaced together with the bytes.
  const args = ['--port', socket, ...keys, '--quiet', '--keep-alive', 'posix', data]
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text) => {
    said = `${said}${text}`.slice(-10_000)
  })
  const closed = once(child, 'close')
  while (!(await answers(socket))) {
    if (child.exitCode === null && child.signalCode === null) continue
    throw new Error(`${program} ended with ${child.exitCode ?? child.signalCode}: ${said}`)
  }
  return async () => {
    child.kill('SIGKILL')
    await closed
  }
}

/** Whether somebody listens there. */
function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const attempt = connect(socket)
    attempt.once('connect', () => {
      attempt.destroy()
      resolve(true)
    })
    attempt.once('error', () => setTimeout(resolve, 20, false))
  })
}

/** A world for the tests of a block: without faults at the beginning of each, and without rejections that nobody saw. */
export function useWorld(): World {
  const world = {} as World
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)
  beforeAll(async () => {
    process.on('unhandledRejection', note)
    Object.assign(world, await startWorld())
  })
  afterAll(async () => {
    await world.close()
    process.off('unhandledRejection', note)
  })
  beforeEach(() => world.proxy.reset())
  afterEach(async () => {
    await world.proxy.settled()
    expect(unhandled).toEqual([])
  })
  return world
}

let keys = 0
/** A key that nobody has used. */
export const newKey = () => `object-${keys++}`

export const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** The object, whole. */
export async function read(target: BackupTarget, key: string): Promise<Buffer | undefined> {
  const object = await target.get(key)
  const parts: Uint8Array[] = []
  for await (const part of object?.body ?? []) parts.push(part)
  const bytes = object && Buffer.concat(parts)
  expect(bytes?.length).toBe(object?.size)
  return bytes
}

/** Puts bytes that are there already. */
export function put(
  target: BackupTarget,
  key: string,
  bytes: Uint8Array,
  condition: PutCondition = {},
): Promise<string | undefined> {
  return target.put(key, () => [bytes], { size: bytes.length, ...condition })
}
