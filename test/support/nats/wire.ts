/**
 * A proxy for one TCP address that can be cut, made silent or slow. TCP carries each byte once: what is sent twice
 * must be sent twice by who sends.
 */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

export type WireMode =
  /** All goes through. */
  | 'open'
  /** Connections are ended and refused. */
  | 'cut'
  /** Connections stay and are accepted, and nothing goes through: what is sent meanwhile comes later. */
  | 'silent'

export class Wire {
  /** What goes through comes so many milliseconds later. */
  delayMs = 0
  readonly #target: number
  readonly #pairs = new Set<[Socket, Socket]>()
  #server: Server | undefined
  #mode: WireMode = 'open'

  constructor(target: number) {
    this.#target = target
  }

  /** Listens; resolves to the port. */
  async listen(port = 0): Promise<number> {
    this.#server = createServer((socket) => this.#accept(socket))
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as { port: number }).port
  }

  get mode(): WireMode {
    return this.#mode
  }

  set mode(mode: WireMode) {
    this.#mode = mode
    for (const pair of this.#pairs) {
      for (const socket of pair) {
        if (mode === 'cut') socket.destroy()
        else if (mode === 'silent') socket.pause()
        else socket.resume()
      }
    }
  }

  async close(): Promise<void> {
    this.mode = 'cut'
    this.#server?.close()
  }

  #accept(near: Socket): void {
    if (this.#mode === 'cut') {
      near.destroy()
      return
    }
    const far = connect(this.#target, '127.0.0.1')
    const pair: [Socket, Socket] = [near, far]
    this.#pairs.add(pair)
    const end = () => {
      this.#pairs.delete(pair)
      near.destroy()
      far.destroy()
    }
    this.#carry(near, far, end)
    this.#carry(far, near, end)
    if (this.#mode === 'silent') for (const socket of pair) socket.pause()
  }

  #carry(from: Socket, to: Socket, end: () => void): void {
    from.setNoDelay(true)
    from.on('error', end)
    from.on('close', end)
    from.on('data', (bytes) => {
      const send = () => {
        if (!to.destroyed && !to.write(bytes)) {
          from.pause()
          to.once('drain', () => this.#mode === 'silent' || from.resume())
        }
      }
      if (this.delayMs > 0) setTimeout(send, this.delayMs)
      else send()
    })
  }
}
