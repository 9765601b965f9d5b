/** A process that is given work by messages, and that may die or hang of it. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Much longer than anything takes here, on a machine that does other things as well. */
const HANGS_AFTER_MS = 60_000

/** The programs of this folder. */
export const programAt = (name) => fileURLToPath(new URL(`programs/${name}.cjs`, import.meta.url))

export class Child {
  #name
  #args
  #environment
  #process
  #stderr = ''

  constructor(name, args, environment = {}) {
    this.#name = name
    this.#args = args
    this.#environment = environment
  }

  /**
   * What the process answers; or `ended`, the signal or code with which it ended instead; or `hangs`. It is started
   * where it is not running.
   */
  async ask(message, hangsAfterMs = HANGS_AFTER_MS) {
    if (this.#process === undefined) {
      this.#start()
      const started = await this.#answer(hangsAfterMs)
      if (!started.ready)
        throw new Error(`${this.#name} does not start: ${JSON.stringify(started)}`)
    }
    const answering = this.#answer(hangsAfterMs)
    this.#process.send(message)
    return answering
  }

  /** Ends it, for a new one to be started by the next message. */
  stop() {
    this.#process?.kill('SIGKILL')
    this.#process = undefined
  }

  #start() {
    const child = spawn(process.execPath, [programAt(this.#name), ...this.#args], {
      env: { ...process.env, ...this.#environment },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#process = child
    this.#stderr = ''
    child.stderr.on('data', (text) => {
      this.#stderr = (this.#stderr + text).slice(-4000)
    })
  }

  #answer(hangsAfterMs) {
    const child = this.#process
    return new Promise((resolve) => {
      const settle = (answer) => {
        clearTimeout(timer)
        child.removeAllListeners('message').removeAllListeners('exit')
        resolve(answer)
      }
      const timer = setTimeout(() => {
        this.stop()
        settle({ hangs: true })
      }, hangsAfterMs)
      child.once('message', settle)
      child.once('exit', (code, signal) => {
        this.#process = undefined
        settle({ ended: signal ?? `code ${code}`, stderr: this.#stderr })
      })
    })
  }
}
