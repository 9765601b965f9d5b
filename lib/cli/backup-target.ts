/** The target of a command: a directory, or a place in an object store. */
import { fileURLToPath } from 'node:url'
import type { BackupTarget, S3ClientLike } from '../backup'
import { directory, s3 } from '../backup'
import { quote } from '../base/arguments'
import { type Surroundings, UsageError } from './command'

/** Flags of all commands that have a target. */
export const TARGET_FLAGS = {
  's3-endpoint': {
    type: 'string',
    argument: '<url>',
    help: 'Where the service of an s3:// target is, if it is not that of AWS.',
  },
  's3-path-style': {
    type: 'boolean',
    help: 'Name the bucket in the path of the URL and not in the host, as services of your own often need it.',
  },
} as const

/** What the help of these commands says of targets. */
export const TARGET_HELP = `A target is a directory, or s3://<bucket>/<prefix>. For the latter the package @aws-sdk/client-s3 must be
installed; region, credentials and endpoint come from where all programs of AWS find them (AWS_REGION,
AWS_ACCESS_KEY_ID, AWS_PROFILE, AWS_ENDPOINT_URL, …).`

/** Values of those flags. */
export interface TargetFlags {
  's3-endpoint'?: string | undefined
  's3-path-style'?: boolean | undefined
}

/** What the SDK's client is made with. */
interface ClientOptions {
  endpoint?: string
  region?: string
  forcePathStyle?: boolean
}

const SDK = '@aws-sdk/client-s3'

/** What is used of the SDK. */
interface Sdk {
  S3Client: new (options: ClientOptions) => S3ClientLike & { destroy(): void }
}

/** Calls back with the target that a word names, and lets go of its connections afterwards. */
export async function withTarget<T>(
  word: string,
  flags: TargetFlags,
  { env }: Surroundings,
  use: (target: BackupTarget) => Promise<T>,
): Promise<T> {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):\/\//.exec(word)?.[1]?.toLowerCase()
  if (scheme !== 's3') {
    const given = Object.keys(TARGET_FLAGS).find((name) => flags[name as keyof TargetFlags])
    if (given !== undefined) throw new UsageError(`--${given} is for targets that begin with s3://`)
    return use(directory(pathOf(word, scheme)))
  }
  const place = placeOf(word)
  const endpoint = endpointOf(flags['s3-endpoint'])
  const { S3Client } = loadSdk()
  const client = new S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    // A service of one's own wants any region, and the SDK does not go on without.
    ...(endpoint === undefined || env['AWS_REGION'] ? {} : { region: 'us-east-1' }),
    ...(flags['s3-path-style'] ? { forcePathStyle: true } : {}),
  })
  try {
    return await use(s3({ client, ...place }))
  } finally {
    client.destroy()
  }
}

function pathOf(word: string, scheme: string | undefined): string {
  if (scheme === undefined) return word
  if (scheme !== 'file') {
    throw new UsageError(`the target ${quote(word)} is no directory, and does not begin with s3://`)
  }
  try {
    return fileURLToPath(word)
  } catch (error) {
    throw new UsageError(`the target ${quote(word)} is no path: ${(error as Error).message}`)
  }
}

/** Bucket and prefix; no other part of a URL means anything here. */
function placeOf(word: string): { bucket: string; prefix: string } {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]*)\/*(.*?)\/*$/i.exec(word) ?? []
  if (/^[A-Za-z0-9][A-Za-z0-9._-]+$/.test(bucket)) return { bucket, prefix }
  throw new UsageError(`the target ${quote(word)} must be s3://<bucket>/<prefix>`)
}

function endpointOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text
  throw new UsageError(`--s3-endpoint must be a URL of http or https, not ${quote(text)}`)
}

/** The package is installed by users who want S3. */
function loadSdk(): Sdk {
  try {
    return require(SDK) as Sdk
  } catch (error) {
    // Another module may be missing within it.
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'MODULE_NOT_FOUND' || !message.includes(`'${SDK}'`)) throw error
    throw new Error(`s3:// needs the package ${SDK}: npm install ${SDK}`)
  }
}
