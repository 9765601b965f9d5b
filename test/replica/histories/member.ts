/** One node of the history checker: a process that is killed, suspended and cut off. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { ClientPath } from '../../support/nats/cluster'
import type { Recorder } from './recorder'

export interface MemberOptions {
  name: string
  path: string
  way: ClientPath
  stream: string
  target: string
  commit: 'replicated' | 'local'
  leaseMs: number
  maxLagMs: number
  clients: number
  planted: string
}

interface Message {
  type: string
  id: string
  call: number
  token: string
  code?: string
  outcome?: string
  message?: string
  value: unknown
  role: string
  event: string
  what: Record<string, unknown>
  error?: { code: string; message: string }
}

/** How long an answer may take. */
const ANSWER_MS = 30_000

export class Member {
  readonly options: MemberOptions
  readonly #recorder: Recorder
  #child: ChildProcess | undefined
  #calls = 0
  readonly #answers = new Map<number, (message: Message) => void>()
  role = 'closed'
  suspended = false
  cut = false

  constructor(options: MemberOptions, recorder: Recorder) {
    this.options = options
    this.#recorder = recorder
  }

  get name(): string {
    return this.options.name
  }

  get runs(): boolean {
    return this.#child !== undefined
  }

  /** Whether it can be asked something. */
  get answersNow(): boolean {
    return this.runs && !this.suspended && this.role !== 'closed'
  }

  start(): void {
    const { way, ...options } = this.options
    const argument = JSON.stringify({ ...options, servers: way.servers })
    const program = path.join(__dirname, 'node.cjs')
    const child = fork(program, [argument], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    let last = ''
    child.stderr?.on('data', (text) => {
      last = `${last}${text}`.slice(-2000)
    })
    child.on('message', (message) => this.#hear(message as Message))
    child.once('exit', (code, signal) => {
      if (this.#child !== child) return
      this.#child = undefined
      this.role = 'closed'
      if (signal !== 'SIGKILL' && code !== 0) {
        this.#recorder.problem('a process ended', `${this.name}: ${code ?? signal}: ${last}`)
      }
    })
    this.#child = child
    const end = () => child.kill('SIGKILL')
    process.once('exit', end)
    child.once('exit', () => process.removeListener('exit', end))
  }

  #hear(message: Message): void {
    const { type, id } = message
    if (type === 'begun') this.#recorder.begun(id, this.name)
    else if (type === 'written') this.#recorder.written(id, message.token)
    else if (type === 'failed') this.#recorder.failed(id, message.outcome, message.message)
    else if (type === 'open') this.role = message.role
    else if (type === 'event') this.#event(message)
    else if (type === 'dead') this.#recorder.problem('a node could not open', `${message.message}`)
    else if (type === 'answer') {
      this.#answers.get(message.call)?.(message)
      this.#answers.delete(message.call)
    } else this.#recorder.note(`${this.name} ${type} ${message.code} ${message.message}`)
  }

  #event({ event, what }: Message): void {
    if (event === 'role') this.role = String(what['role'])
    if (event === 'setAside') this.#recorder.setAside(what)
    this.#recorder.note(`${this.name} ${event} ${JSON.stringify(what)}`)
  }

  /** Asks the node; rejects with its error. */
  ask<T>(ask: string, options: Record<string, unknown> = {}): Promise<T> {
    const call = ++this.#calls
    const child = this.#child
    return new Promise<T>((resolve, reject) => {
      const gone = () => reject(Object.assign(new Error('the node is gone'), { code: 'GONE' }))
      if (child === undefined) {
        gone()
        return
      }
      child.once('exit', gone)
      // One that does not come to open its database answers nothing.
      const late = setTimeout(gone, ANSWER_MS)
      this.#answers.set(call, ({ value, error }) => {
        clearTimeout(late)
        child.removeListener('exit', gone)
        if (error === undefined) resolve(value as T)
        else reject(Object.assign(new Error(error.message), { code: error.code }))
      })
      child.send({ call, ask, ...options }, (error) => error && gone())
    })
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    this.suspended = false
  }

  suspend(): void {
    this.suspended = true
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.suspended = false
    this.#child?.kill('SIGCONT')
  }
}
