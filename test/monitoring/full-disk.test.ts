/** `/health` and the metrics of a database on a disk that is full and then has room again. */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { Registry } from 'prom-client'
import { collectMetrics, serveMetrics } from 'rocksdb-live/metrics'
import { openAt, useTempDirectory } from '../support/database'
import { eventually, where } from '../support/tools'

const path = useTempDirectory()
const mounted = where(
  process.platform === 'linux' && process.getuid?.() === 0,
  'a full disk needs root, to mount a small tmpfs (sudo npm test)',
)

mounted(
  'they say so, until there is room',
  async () => {
    const disk = path('disk')
    mkdirSync(disk)
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk])
    expect(String(mount.stderr)).toBe('')
    try {
      await fillAndHeal()
    } finally {
      spawnSync('umount', ['-l', disk])
    }
  },
  60_000,
)

async function fillAndHeal(): Promise<void> {
  writeFileSync(path('disk', 'filler'), Buffer.alloc(14 << 20))
  const small = { write_buffer_size: 1 << 20, compression: 'kNoCompression' }
  const db = await openAt(path('disk', 'db'), { rocksdb: { columnFamily: small } })
  const register = new Registry()
  collectMetrics(db, { register })
  await using server = await serveMetrics({ port: 0, register })
  const health = async () => {
    const response = await fetch(`${server.url}/health`)
    return [response.status, (await response.json()) as object] as const
  }
  const severity = async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    return Number(/^node_db_background_error_severity\{.*\} (\d)$/m.exec(text)?.[1])
  }
  expect(await health()).toMatchObject([200, { status: 'ok', databases: [{ path: db.path }] }])

  let failure: unknown
  for (let n = 0; failure === undefined; n++) {
    failure = await db.default.put(`key${n}`, randomBytes(32 * 1024)).catch((error) => error)
  }
  expect(failure).toMatchObject({ code: 'ERR_NO_SPACE' })
  const cause = expect.stringMatching(/no space/i)
  const unwell = { status: 'unhealthy', databases: [{ health: 'readOnly', cause }] }
  expect(await health()).toMatchObject([503, unwell])
  // Gauges may be one second old.
  await eventually('severity', async () => ((await severity()) === 2 ? true : undefined))

  rmSync(path('disk', 'filler'))
  await db.resume().catch(() => {}) // it may have healed by itself already
  await eventually('health', async () => ((await health())[0] === 200 ? true : undefined))
  await eventually('no error', async () => ((await severity()) === 0 ? true : undefined))
  await db.close()
}
