/** Chromium, driven over its debugging pipe: commands and answers in JSON, each with a zero byte behind it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { hasProgram, where } from './tools'

const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']
const program = [process.env['CHROMIUM'] ?? '', ...NAMES].find(
  (name) => name !== '' && hasProgram(name, '--version'),
)

/** `it`, or a visible skip where there is no Chromium. */
export const itWithChromium = where(
  program !== undefined,
  'no Chromium: apt install chromium-headless-shell, or set CHROMIUM to the path of one',
)

interface Answer {
  id: number
  result?: Record<string, unknown>
  error?: { message: string }
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--remote-debugging-pipe',
]

/** A browser with one page. */
export class Chromium {
  readonly #process: ChildProcess
  readonly #home: string
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #session: string | undefined
  #id = 0

  private constructor() {
    this.#home = mkdtempSync(join(tmpdir(), 'rocksdb-live-chromium-'))
    const args = [...FLAGS, `--user-data-dir=${this.#home}`, 'about:blank']
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const
    this.#process = spawn(program as string, args, { stdio: [...stdio], detached: true })
    let text = ''
    const out = this.#process.stdio[4] as Readable
    out.setEncoding('utf8').on('data', (piece: string) => {
      const lines = (text + piece).split('\0')
      text = lines.pop() as string
      for (const line of lines) {
        const answer = JSON.parse(line) as Answer
        this.#waiting.get(answer.id)?.(answer)
        this.#waiting.delete(answer.id)
      }
    })
  }

  /** Opens a page. */
  static async open(url: string): Promise<Chromium> {
    const browser = new Chromium()
    const { targetId } = await browser.#send('Target.createTarget', { url })
    const params = { targetId, flatten: true }
    const { sessionId } = await browser.#send('Target.attachToTarget', params)
    browser.#session = sessionId as string
    return browser
  }

  /** What an expression in the page results in. */
  async evaluate(expression: string): Promise<unknown> {
    const params = { expression, returnByValue: true, awaitPromise: true }
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', params)
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { value?: unknown }).value
  }

  async close(): Promise<void> {
    const ended = once(this.#process, 'close')
    // With all that it has started: the program may be a script.
    process.kill(-(this.#process.pid as number), 'SIGKILL')
    await ended
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 10 })
  }

  async #send(method: string, params: unknown): Promise<Record<string, unknown>> {
    const id = ++this.#id
    const session = this.#session === undefined ? {} : { sessionId: this.#session }
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve))
    const command = JSON.stringify({ id, method, params, ...session })
    ;(this.#process.stdio[3] as Writable).write(`${command}\0`)
    const { result, error } = await answered
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result ?? {}
  }
}
