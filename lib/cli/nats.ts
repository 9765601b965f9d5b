/** The log of a replica's command: which servers, and who we are to them. */
import { readFileSync } from 'node:fs'
import { jetstream, type ReplicaLog } from '../replica'
import { loadPackages } from '../replica/jetstream-client'
import { type Surroundings, UsageError } from './command'

/** Which log. */
export interface LogAsked {
  servers: readonly string[]
  stream: string
  replicas: 1 | 3 | 5
}

/** What the help says of credentials. */
export const NATS_HELP = `Credentials for NATS come from the environment, and are shown nowhere: NATS_USER and NATS_PASSWORD, NATS_TOKEN, or
NATS_CREDS, the path of a credentials file.`

const REPLICAS: Readonly<Record<string, 1 | 3 | 5>> = { 1: 1, 3: 3, 5: 5 }

/** Checks the words of the flags. */
export function readLogFlags(values: {
  nats?: string | undefined
  stream?: string | undefined
  replicas?: string | undefined
}): LogAsked {
  const { nats, stream, replicas: copies = '3' } = values
  if (nats === undefined) throw new UsageError('--nats <servers> is missing')
  if (stream === undefined) throw new UsageError('--stream <name> is missing')
  const servers = nats.split(',').map((server) => server.trim())
  // Said without the text: it is in every list of processes, and need not be in a log as well.
  if (servers.some((server) => server.includes('@'))) {
    throw new UsageError(
      '--nats must have no user and no password: everybody sees them among the processes; set NATS_USER and NATS_PASSWORD',
    )
  }
  if (servers.includes('')) throw new UsageError('--nats must be addresses with commas between')
  if (!/^[-\w]{1,200}$/.test(stream)) {
    throw new UsageError('--stream must be 1 to 200 letters, digits, - or _')
  }
  const replicas = REPLICAS[copies]
  if (replicas === undefined) throw new UsageError('--replicas must be 1, 3 or 5')
  return { servers, stream, replicas }
}

/** The log, with the credentials of the environment. */
export async function logOf(asked: LogAsked, { env }: Surroundings): Promise<ReplicaLog> {
  return jetstream({ ...asked, options: await credentials(env) })
}

async function credentials(env: Surroundings['env']): Promise<object> {
  const { NATS_USER: user, NATS_PASSWORD: pass, NATS_TOKEN: token, NATS_CREDS: file } = env
  return {
    ...(user ? { user } : {}),
    ...(pass ? { pass } : {}),
    ...(token ? { token } : {}),
    ...(file ? { authenticator: await authenticatorOf(file) } : {}),
  }
}

async function authenticatorOf(file: string): Promise<unknown> {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw new Error(`NATS_CREDS: ${(error as Error).message}`)
  }
  // Says what to install, where they are not.
  await loadPackages()
  const { credsAuthenticator } = await import('@nats-io/transport-node')
  const authenticator = credsAuthenticator(bytes)
  try {
    authenticator('a nonce')
  } catch {
    // Its own error may have what is in the file.
    throw new Error(`NATS_CREDS: ${file} is no file of credentials`)
  }
  return authenticator
}
