/** The files of a database at one moment. */
import type { Connection } from '../connection/connection'
import type { NativeCapture } from '../native/captures'

/** Bytes that are read at a time. */
const CHUNK_BYTES = 1 << 20

export class Capture {
  readonly #connection: Connection
  readonly native: NativeCapture
  #ended = false

  private constructor(connection: Connection, native: NativeCapture) {
    this.#connection = connection
    this.native = native
  }

  static async open(connection: Connection): Promise<Capture> {
    const native = await connection.call<NativeCapture | undefined>('backup', (session, id) =>
      session.openCapture(id),
    )
    connection.assertOpen('backup')
    return new Capture(connection, native as NativeCapture)
  }

  /** The bytes of a file, a MiB at a time. */
  async *read(file: number): AsyncGenerator<Buffer, void, undefined> {
    const { size } = this.native.files[file] as { size: number }
    for (let at = 0; at < size; at += CHUNK_BYTES) {
      this.#connection.assertOpen('backup')
      yield await this.#connection.call<Buffer>('backup', (session, id) =>
        session.readCapture(id, this.native.capture, file, at, CHUNK_BYTES),
      )
    }
  }

  /** Lets the database delete files again. */
  async end(): Promise<void> {
    if (this.#ended || this.#connection.closed) return
    this.#ended = true
    await this.#connection.call('backup', (session, id) =>
      session.endCapture(id, this.native.capture),
    )
  }
}
