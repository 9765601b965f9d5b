/** The options of the studio, checked. */
import { randomBytes } from 'node:crypto'
import {
  invalidType,
  invalidValue,
  optionalBoolean,
  optionalInteger,
  optionalString,
  readOptions,
} from '../base/arguments'

/** Options of `studioHandler`. */
export interface StudioOptions {
  /** Whether rows can be edited, and options changed while open. False by default. */
  write?: boolean | undefined
  /**
   * What a browser must have to be given anything; at least 16 characters. By default a random one. Whoever has it
   * sees all rows.
   */
  token?: string | undefined
  /** Names that the server answers to besides `localhost`, `127.0.0.1` and `[::1]`: `['db.example.com']`. */
  hosts?: readonly string[] | undefined
  /** What the paths of requests begin with: `'/studio'`. Express takes it off by itself. None by default. */
  basePath?: string | undefined
}

/** Options of `serveStudio`. */
export interface ServeStudioOptions extends Omit<StudioOptions, 'basePath'> {
  /** The port. 0, the default, takes any free one. */
  port?: number | undefined
  /** The address to listen on. `'127.0.0.1'` by default. */
  host?: string | undefined
}

/** @internal The options with all defaults filled in. */
export interface StudioRequest {
  write: boolean
  token: string
  hosts: readonly string[]
  basePath: string
}

const OPTIONS = ['write', 'token', 'hosts', 'basePath']
const LEAST_TOKEN = 16

/** @internal Checks the options of a handler. */
export function readStudioOptions(given: unknown): StudioRequest {
  const options = readOptions('options', given, OPTIONS)
  return {
    write: optionalBoolean('options.write', options['write'], false),
    token: readToken(options['token']),
    hosts: readHosts(options['hosts']),
    basePath: readBasePath(options['basePath']),
  }
}

/** @internal Checks the options of a server. */
export function readServeOptions(given: unknown): StudioRequest & { port: number; host: string } {
  const known = [...OPTIONS.filter((name) => name !== 'basePath'), 'port', 'host']
  const { port, host, ...rest } = readOptions('options', given, known)
  const address = optionalString('options.host', host, '127.0.0.1')
  if (address === '') throw invalidValue('options.host', address, 'must be an address')
  return {
    ...readStudioOptions(rest),
    port: optionalInteger('options.port', port, { max: 65_535, default: 0 }),
    host: address,
  }
}

function readToken(given: unknown): string {
  const token = optionalString('options.token', given, randomBytes(24).toString('base64url'))
  if (token.length >= LEAST_TOKEN && /^[\w.~-]+$/.test(token)) return token
  // What it is must not be in a log.
  const reason = `must have ${LEAST_TOKEN} characters or more, of letters, digits and - . _ ~`
  throw invalidValue('options.token', `${token.length} characters`, reason)
}

function readHosts(given: unknown): readonly string[] {
  if (given === undefined) return []
  if (!Array.isArray(given)) throw invalidType('options.hosts', 'an array of names', given)
  return given.map((name: unknown, at) => {
    if (typeof name === 'string' && /^[a-z0-9._:-]+$/i.test(name)) return name
    throw invalidValue(`options.hosts[${at}]`, name, 'must be the name of a host, without a port')
  })
}

function readBasePath(given: unknown): string {
  const path = optionalString('options.basePath', given, '').replace(/\/+$/, '')
  if (path === '' || path.startsWith('/')) return path
  throw invalidValue('options.basePath', path, 'must begin with /')
}
