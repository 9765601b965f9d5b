/** A service, in a process of its own, that has a database open and writes what it is asked to. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const program = join(__dirname, 'programs', 'service.cjs')
const running = new Set<ChildProcess>()

afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
})

/** The service, as a test speaks with it. */
export interface Service {
  readonly pid: number
  /** Calls a method of a family of the database in the service. */
  call(family: string, method: string, ...args: unknown[]): Promise<unknown>
  /** Writes into the default family. */
  put(key: string, value: string): Promise<void>
  /** Closes the database, and ends the process. */
  end(): Promise<void>
}

/** Starts one; `options` are those of `Database.open`. It is killed after the test where it still runs. */
export async function startService(path: string, options: object = {}): Promise<Service> {
  const child = spawn(process.execPath, [program, path, JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  running.add(child)
  const answer = async () => {
    const [{ error, value }] = (await once(child, 'message')) as [
      { error?: string; value?: unknown },
    ]
    if (error !== undefined) throw new Error(error)
    return value
  }
  await answer()
  const call = (...asked: unknown[]) => {
    const answered = answer()
    child.send(asked as never)
    return answered
  }
  return {
    pid: child.pid as number,
    call: (family, method, ...args) => call(family, method, ...args),
    put: async (key, value) => void (await call('default', 'put', key, value)),
    async end() {
      const ended = once(child, 'exit')
      child.send([] as never)
      await ended
      running.delete(child)
    },
  }
}
