/** The files of the page, as the build has made them: read once, and compressed. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Refused } from './exchange'

const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'studio.js': 'text/javascript; charset=utf-8',
  'studio.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
}

interface Asset {
  tag: string
  plain: Buffer
  packed: Buffer
}

const read = new Map<string, Asset>()

/** dist/studio has both this file, compiled, and those of the page; the sources of lib/ have them there, too. */
function folders(): readonly string[] {
  return [join(__dirname, 'page'), join(__dirname, '..', '..', 'dist', 'studio', 'page')]
}

function assetOf(name: string): Asset {
  const known = read.get(name)
  if (known !== undefined) return known
  for (const folder of folders()) {
    try {
      const plain = readFileSync(join(folder, name))
      const tag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`
      const asset = { tag, plain, packed: gzipSync(plain, { level: 9 }) }
      read.set(name, asset)
      return asset
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  const how = 'in a clone, npm run build makes it'
  throw new Refused(500, 'ERR_NOT_FOUND', `the page is not there (${name}): ${how}`)
}

/** Whether a name is one of the page's files. */
export const isAsset = (name: string) => Object.hasOwn(TYPES, name)

/** Answers with a file of the page. */
export function sendAsset(
  name: string,
  { method, headers }: IncomingMessage,
  response: ServerResponse,
): void {
  const { tag, plain, packed } = assetOf(name)
  response.setHeader('cache-control', 'no-cache')
  response.setHeader('etag', tag)
  response.setHeader('vary', 'accept-encoding')
  if (headers['if-none-match'] === tag) {
    response.statusCode = 304
    response.end()
    return
  }
  const takesGzip = /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''))
  const body = takesGzip ? packed : plain
  if (takesGzip) response.setHeader('content-encoding', 'gzip')
  response.setHeader('content-type', TYPES[name] as string)
  response.setHeader('content-length', body.length)
  response.end(method === 'HEAD' ? undefined : body)
}
