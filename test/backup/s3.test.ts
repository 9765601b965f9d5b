import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { S3Client } from '@aws-sdk/client-s3'
import type { BackupTarget } from '../../lib/backup/target'

/**
 * What s3() does before S3 is asked, and with what no service should answer. That it does right by a real server, and
 * through faults, is for `npm run test:s3`.
 */
type Module = typeof import('../../lib/backup/s3')

const client = { send: () => Promise.reject(new Error('nobody should ask')) }

function load(): Module {
  return require('../../lib/backup/s3')
}

describe('without @aws-sdk/client-s3', () => {
  it('loads, and says what to install once it is needed', () => {
    jest.isolateModules(() => {
      const missing = Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' })
      jest.doMock('@aws-sdk/client-s3', () => {
        throw missing
      })
      const { s3 } = load()
      let error: unknown
      try {
        s3({ client, bucket: 'b' })
      } catch (thrown) {
        error = thrown
      }
      expect(error).toMatchObject({
        name: 'RocksDBError',
        code: 'ERR_NOT_SUPPORTED',
        message: 's3() needs the package @aws-sdk/client-s3: npm install @aws-sdk/client-s3',
        cause: missing,
      })
    })
    jest.dontMock('@aws-sdk/client-s3')
  })
})

describe('options', () => {
  const { s3 } = load()

  it.each([
    [{}, 'ERR_INVALID_ARG_TYPE'],
    [{ client: {}, bucket: 'b' }, 'ERR_INVALID_ARG_TYPE'],
    [{ client }, 'ERR_INVALID_ARG_TYPE'],
    [{ client, bucket: '' }, 'ERR_INVALID_ARG_TYPE'],
    [{ client, bucket: 'b', prefix: '/a' }, 'ERR_INVALID_ARG_VALUE'],
    [{ client, bucket: 'b', prefix: 'a//b' }, 'ERR_INVALID_ARG_VALUE'],
    [{ client, bucket: 'b', prefix: 'a/../b' }, 'ERR_INVALID_ARG_VALUE'],
    [{ client, bucket: 'b', partMb: 4 }, 'ERR_OUT_OF_RANGE'],
    [{ client, bucket: 'b', attempts: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ client, bucket: 'b', timeoutMs: '1' }, 'ERR_INVALID_ARG_TYPE'],
    [{ client, bucket: 'b', conditional: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [{ client, bucket: 'b', region: 'x' }, 'ERR_INVALID_ARG_VALUE'],
  ])('are refused where they are wrong: %p', (options, code) => {
    expect(() => s3(options as never)).toThrow(expect.objectContaining({ code }))
  })

  it('are told by the name, without secrets', () => {
    expect(s3({ client, bucket: 'b', prefix: 'a/b/' }).name).toBe('s3://b/a/b/')
    expect(s3({ client, bucket: 'b' })).toMatchObject({ name: 's3://b/', conditional: true })
  })

  it.each(['', '/a', 'a/', 'a//b', '.', 'a/..', '../a', 'a b', 'ä', 1])(
    'keys that others read otherwise are refused: %p',
    async (key) => {
      const target = s3({ client, bucket: 'b' })
      const code = expect.stringMatching(/^ERR_INVALID_ARG/)
      await expect(target.get(key as never)).rejects.toMatchObject({ code })
      await expect(target.delete(key as never)).rejects.toMatchObject({ code })
      await expect(target.put(key as never, () => [], { size: 0 })).rejects.toMatchObject({ code })
    },
  )
})

describe('answers that no service should give', () => {
  const { s3 } = load()
  const closing: (() => void)[] = []
  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })

  async function targetOf(answer: RequestListener): Promise<BackupTarget> {
    const server = createServer(answer)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const made = new S3Client({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    })
    closing.push(() => {
      made.destroy()
      server.closeAllConnections()
      server.close()
    })
    return s3({ client: made, bucket: 'b', attempts: 2 })
  }

  const listOf = async (target: BackupTarget) => {
    const keys: string[] = []
    for await (const { key } of target.list('')) keys.push(key)
    return keys
  }

  it('an endless list', async () => {
    const target = await targetOf((_, response) => {
      const token = '<NextContinuationToken>same</NextContinuationToken>'
      response.end(`<ListBucketResult><IsTruncated>true</IsTruncated>${token}</ListBucketResult>`)
    })
    await expect(listOf(target)).rejects.toThrow(/there is more, and not from where on/)
  })

  it('objects that consoles make for folders', async () => {
    const target = await targetOf((_, response) => {
      const objects = ['a/', 'a/b'].map(
        (key) => `<Contents><Key>${key}</Key><Size>0</Size></Contents>`,
      )
      response.end(`<ListBucketResult>${objects.join('')}</ListBucketResult>`)
    })
    expect(await listOf(target)).toEqual(['a/b'])
  })

  it('an object without a tag, or another one from the middle on', async () => {
    const plain = await targetOf((_, response) => response.end('abc'))
    await expect(plain.get('a')).rejects.toThrow(/its answer has no (tag|length)/)

    const ranges: (string | undefined)[] = []
    const other = await targetOf((request, response) => {
      ranges.push(request.headers.range)
      response.writeHead(200, { etag: `"${ranges.length}"`, 'content-length': 100_000 })
      response.write(new Uint8Array(50_000), () => response.destroy())
    })
    const all = async () => {
      for await (const _ of (await other.get('a'))?.body ?? []);
    }
    await expect(all()).rejects.toThrow(/the connection broke at 50000 of 100000 bytes, and/)
    expect(ranges).toEqual([undefined, 'bytes=50000-'])
  })

  it('all of the object where the rest was asked for', async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251))
    let requests = 0
    const target = await targetOf((_, response) => {
      response.writeHead(200, { etag: '"e"', 'content-length': bytes.length })
      if (++requests === 1) response.write(bytes.subarray(0, 60_000), () => response.destroy())
      else response.end(bytes)
    })
    const parts: Uint8Array[] = []
    for await (const part of (await target.get('a'))?.body ?? []) parts.push(part)
    expect(Buffer.concat(parts).equals(bytes)).toBe(true)
  })

  /** A client whose handler of requests does as it likes. */
  const giving = (...bodies: unknown[]) => {
    const ranges: unknown[] = []
    const own = {
      send: async ({ input }: { input: { Range?: string } }) => {
        ranges.push(input.Range)
        const from = Number(/\d+/.exec(input.Range ?? '')?.[0] ?? 0)
        const range = from === 0 ? {} : { ContentRange: `bytes ${from}-9/10` }
        return { Body: bodies.shift(), ContentLength: 10 - from, ETag: '"e"', ...range }
      },
    }
    return { target: s3({ client: own, bucket: 'b', attempts: 3 }), ranges }
  }
  const readOf = async (target: BackupTarget) => {
    const parts: Uint8Array[] = []
    for await (const part of (await target.get('a'))?.body ?? []) parts.push(part)
    return Buffer.concat(parts).toString()
  }

  it('a body that ends before its length, as if that were all', async () => {
    const { target, ranges } = giving(Readable.from([Buffer.from('0123')]), Readable.from([]))
    await expect(readOf(target)).rejects.toThrow(/it ended after 4 of 10 bytes|no length/)
    expect(ranges.slice(0, 2)).toEqual([undefined, 'bytes=4-'])
    const long = giving(Readable.from([Buffer.from('0123456789x')]))
    await expect(readOf(long.target)).rejects.toThrow(/more than the 10 bytes it said/)
  })

  it('a body as a stream of the web, which is no less whole', async () => {
    const stream = (text: string) => new Blob([text]).stream()
    const { target, ranges } = giving(stream('01234'), stream('56789'))
    expect(await readOf(target)).toBe('0123456789')
    expect(ranges).toEqual([undefined, 'bytes=5-'])
  })

  it('an upload that is gone since its completion was carried out', async () => {
    const error = (status: number | undefined, name: string) =>
      Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } })
    let Metadata: unknown
    let completions = 0
    const own = {
      send: async (command: { input: { Metadata?: unknown }; constructor: { name: string } }) => {
        const name = command.constructor.name.replace('Command', '')
        if (name === 'CreateMultipartUpload') Metadata = command.input.Metadata
        if (name === 'HeadObject') return { ContentLength: 6 * 2 ** 20, ETag: '"own"', Metadata }
        if (name !== 'CompleteMultipartUpload') return { UploadId: 'u', ETag: '"part"' }
        throw ++completions === 1 ? error(500, 'InternalError') : error(404, 'NoSuchUpload')
      },
    }
    const target = s3({ client: own, bucket: 'b', partMb: 5 })
    const bytes = new Uint8Array(6 * 2 ** 20)
    expect(await target.put('a', () => [bytes], { size: bytes.length })).toBe('"own"')
    expect(completions).toBe(2)
  })

  it('a server that is not there', async () => {
    const target = await targetOf(() => {})
    for (const close of closing.splice(0)) close()
    await expect(target.head('a')).rejects.toThrow(
      /^S3 did not look at "a" in bucket "b" after 2 tries: ECONNREFUSED|after 2 tries: .*ECONNREFUSED/,
    )
  })
})
