/** Parts of the environment and of a file that are not tuning's: ignored, with a warning. */
import { environmentLayer, IGNORED_WARNING, resolveTuning } from '../../lib/tuning'
import { configLayer } from '../../lib/tuning/config-file'
import { FACTS } from '../support/layers'

let warn: jest.SpyInstance
beforeEach(() => {
  warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
})
afterEach(() => warn.mockRestore())

const layerOf = (env: Record<string, string>) => environmentLayer(env, 'PQPRIV_DB_', ['users'])

/** The warnings when these layers are resolved twice with the same request. */
function warnings(...layers: Parameters<typeof resolveTuning>[0]['layers'] & object): string[] {
  const { request } = resolveTuning({ ...FACTS, layers })
  resolveTuning(request)
  expect(warn.mock.calls.every(([, { code }]) => code === IGNORED_WARNING)).toBe(true)
  return warn.mock.calls.map(([message]) => message)
}

// The variables that the kubelet sets for services named pqpriv-db and pqpriv-db-metrics.
const LINKS = {
  PQPRIV_DB_SERVICE_HOST: '10.0.0.11',
  PQPRIV_DB_SERVICE_PORT: '8080',
  PQPRIV_DB_SERVICE_PORT_HTTP: '8080',
  PQPRIV_DB_PORT: 'tcp://10.0.0.11:8080',
  PQPRIV_DB_PORT_8080_TCP: 'tcp://10.0.0.11:8080',
  PQPRIV_DB_PORT_8080_TCP_PROTO: 'tcp',
  PQPRIV_DB_PORT_8080_TCP_PORT: '8080',
  PQPRIV_DB_PORT_8080_TCP_ADDR: '10.0.0.11',
  PQPRIV_DB_METRICS_SERVICE_HOST: '10.0.0.12',
  PQPRIV_DB_METRICS_PORT_9090_UDP_ADDR: '10.0.0.12',
}

it.each(Object.entries(LINKS))('%s of a service of Kubernetes is ignored', (name, value) => {
  expect(warnings(layerOf({ [name]: value, PQPRIV_DB_BLOCK_CACHE_MB: '128' }))).toEqual([
    expect.stringMatching(new RegExp(`environment variable ${name} .*Kubernetes.*ignored`)),
  ])
  const { settings } = resolveTuning({
    ...FACTS,
    layers: [layerOf({ ...LINKS, PQPRIV_DB_BLOCK_CACHE_MB: '128' })],
  }).database
  expect(settings.blockCacheMb?.value).toBe(128)
})

it.each(['', '  '])('an empty variable (%j) is ignored', (value) => {
  const env = {
    PQPRIV_DB_WRITE_BUFFER_MB: value,
    PQPRIV_DB_PRESET: value,
    PQPRIV_DB_CF_USERS_WRITE_BUFFER_MB: value,
    PQPRIV_DB_WRONG: value,
  }
  expect(warnings(layerOf(env))).toEqual(
    Object.keys(env).map((name) => `The environment variable ${name} is empty: it is ignored`),
  )
})

it('a variable that only resembles one of a service is refused', () => {
  expect(() => layerOf({ PQPRIV_DB_PORTS: '5' })).toThrow('PQPRIV_DB_PORTS')
  expect(() => layerOf({ PQPRIV_DB_SERVICE: 'a' })).toThrow('PQPRIV_DB_SERVICE')
})

it.each(['', '[server]\nport = 1', '[storage]\npath = "x"'])(
  'a file that sets nothing: %j',
  (text) => {
    expect(warnings(configLayer(text, 'node.toml'))).toEqual([
      'The configuration file "node.toml" has neither [storage.db_tuning] nor [db]: it sets nothing',
    ])
    warn.mockClear()
    expect(warnings(configLayer(`${text}\n[db]`, 'node.toml'))).toEqual([])
  },
)
