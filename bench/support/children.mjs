// Runs one engine on one group of rows, in a process of its own and a fresh directory.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { LIMIT, limitProgram } from './engines.mjs'
import { optionsInForce, settingsOf, writeOptionsFile } from './settings.mjs'
import { limitRowOf } from './workloads.mjs'

const execute = promisify(execFile)
const program = fileURLToPath(new URL('child.mjs', import.meta.url))
const OUTPUT_BYTES = 64 * 1024 * 1024

/** The figures of a child that failed: each row says why. */
function failed(rows, error) {
  const lines = String(error.stderr || error.message)
    .trim()
    .split('\n')
  const line = lines.find((each) => /error|limit:/i.test(each)) ?? lines.at(-1)
  const failure = line.trim() + (error.signal ? ` (${error.signal})` : '')
  return { rows: Object.fromEntries(rows.map(({ id }) => [id, { failure }])), failure }
}

/** Starts children; one at a time, since they are measured. */
export class Children {
  #optionFiles = new Map()
  #stopping = new AbortController()

  /** `config`: n, valueSize, directory, node (the program). */
  constructor(config) {
    this.config = config
  }

  /** Ends the child that is running. */
  stop() {
    this.#stopping.abort()
  }

  /** Runs the rows of a group on an engine; gives their figures, options and the engine's notes. */
  async run(engineId, group, rows) {
    const directory = mkdtempSync(path.join(this.config.directory, 'run-'))
    try {
      const work = this.#workOf(group, rows)
      if (engineId === LIMIT) return await this.#runLimit(directory, work)
      return await this.#runNode(engineId, directory, work)
    } catch (error) {
      return failed(rows, error)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }

  #workOf(group, rows) {
    const { n } = this.config
    const valueSize = group.valueSize ?? this.config.valueSize
    const size = { rows: group.rows(n), valueSize }
    return {
      group: { ...group, ...size, compressible: group.compressible === true },
      settings: settingsOf(group, size),
      rows: rows.map((row) => ({ ...row, ops: row.ops(n) })),
    }
  }

  async #runNode(engineId, directory, work) {
    const job = JSON.stringify({ engineId, directory, ...work })
    const args = ['--expose-gc', ...this.config.nodeOptions, program, job]
    const stdout = await this.#execute(this.config.node, args)
    return JSON.parse(stdout.trim().split('\n').at(-1))
  }

  async #runLimit(directory, { group, settings, rows }) {
    const file = await this.#optionsFile(settings)
    const flags = {
      directory,
      options: file.path,
      run: rows.map(({ id, limitKind, kind, ops }) => `${id}=${limitKind ?? kind}:${ops}`).join(),
      rows: group.rows,
      'value-size': group.valueSize,
      compressible: Number(group.compressible),
      loaded: Number(group.loaded),
      'read-once': Number(group.readOnce),
      reopen: Number(group.reopen),
      families: settings.families,
      wal: Number(file.wal),
    }
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])
    return JSON.parse(await this.#execute(limitProgram, args))
  }

  async #execute(file, args) {
    const options = { maxBuffer: OUTPUT_BYTES, signal: this.#stopping.signal }
    return (await execute(file, args, options)).stdout
  }

  async #optionsFile(settings) {
    const key = JSON.stringify({ ...settings, expectedBytes: 0 })
    const known = this.#optionFiles.get(key)
    if (known !== undefined) return known
    const { directory } = this.config
    const options = await optionsInForce(settings, directory)
    const name = `options-${this.#optionFiles.size}.txt`
    const file = { path: path.join(directory, name), wal: options.write.disableWAL !== 'true' }
    writeOptionsFile(options, file.path)
    this.#optionFiles.set(key, file)
    return file
  }
}

/** The rows an engine has to run so that all the selected ones can be compared. */
export function rowsToRun(engineId, selected, byId) {
  const wanted = new Set()
  for (const row of selected) {
    if (engineId === LIMIT) {
      const id = limitRowOf(row)
      if (id !== undefined) wanted.add(byId(id))
    } else {
      if (row.from !== undefined) wanted.add(byId(row.from))
      else wanted.add(row)
      if (row.against !== undefined) wanted.add(byId(row.against))
    }
  }
  return [...wanted]
}
