/** Tuning that a running process reads again on SIGHUP. */
import { writeFileSync } from 'node:fs'
import { Program, useDirectory } from './children'

const dir = useDirectory()
const onPosix = process.platform === 'win32' ? it.skip : it

onPosix('SIGHUP changes what can change, and a wrong file nothing', async () => {
  const configFile = dir('node.toml')
  const write = (text: string) => writeFileSync(configFile, `[storage.db_tuning]\n${text}\n`)
  write('write_buffer_mb = 32')
  const program = new Program('watch', [dir('db'), configFile])
  expect(await program.waitFor('ready')).toEqual(['ready', String(32 * 2 ** 20)])

  write('write_buffer_mb = 48\nwal_recovery_mode = "absolute"')
  program.kill('SIGHUP')
  const [, changes, held] = await program.waitFor('changed')
  const source = `${configFile}: storage.db_tuning`
  expect(changes).toEqual({
    applied: [{ option: 'writeBufferMb', from: 32, to: 48, source: `${source}.write_buffer_mb` }],
    held: [
      {
        option: 'walRecoveryMode',
        from: 'point-in-time',
        to: 'absolute',
        source: `${source}.wal_recovery_mode`,
      },
    ],
  })
  expect(held).toBe(String(48 * 2 ** 20))

  write('write_buffer_mb = "much"')
  program.kill('SIGHUP')
  const failed = await program.waitFor('failed')
  expect(failed).toEqual(['failed', 'ERR_INVALID_TUNING', `${source}.write_buffer_mb`])

  program.goOn()
  const { code, signal, stderr } = await program.ended
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
})
