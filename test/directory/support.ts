/** Shared by the tests of directories: a database's files, and errors with their text. */

import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Names in a directory that match a pattern, sorted. */
export function filesOf(path: string, pattern = /./): string[] {
  return readdirSync(path)
    .filter((name) => pattern.test(name))
    .sort()
}

/** Removes the files that match a pattern; returns their names. */
export function removeFiles(path: string, pattern: RegExp): string[] {
  const names = filesOf(path, pattern)
  for (const name of names) rmSync(join(path, name))
  return names
}

/** A copy of a directory of files. */
export function copyDirectory(from: string, to: string): string {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    if (statSync(join(from, name)).isFile()) copyFileSync(join(from, name), join(to, name))
  }
  return to
}

/** Name and checksum of every file in a directory. */
export function fingerprint(path: string): string[] {
  return filesOf(path).map((name) => {
    const file = join(path, name)
    if (!statSync(file).isFile()) return `${name}/`
    return `${name} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`
  })
}

/** The error that a promise rejects with; fails if it does not reject. */
export async function errorOf(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  const result = await promise.then(
    (value) => ({ value }),
    (error: Error & { code?: string }) => ({ error }),
  )
  if ('error' in result) return result.error
  throw new Error('it succeeded')
}
