/** Paths as callers give them. */
import { statSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { types } from 'node:util'
import { invalidType, invalidValue, wellFormed } from './arguments'

/** A path, given as text or as a `file:` URL. */
export function pathOf(name: string, value: unknown): string {
  const path = isUrl(value) ? fileURLToPath(value) : value
  if (typeof path !== 'string') throw invalidType(name, 'a string or a file: URL', value)
  if (path === '') throw invalidValue(name, value, 'must not be empty')
  if (path.includes('\0')) throw invalidValue(name, value, 'must not contain a null byte')
  return wellFormed(name, path)
}

/** Makes a path absolute. */
export function absolutePathOf(name: string, value: unknown): string {
  const path = pathOf(name, value)
  if (isAbsolute(path)) return resolve(path)
  const here = process.cwd()
  // Node decodes invalid UTF-8 as U+FFFD, which a real name may contain as well.
  if (here.includes('\ufffd') && !isWorkingDirectory(here)) {
    throw invalidValue(
      name,
      value,
      'must be absolute: the working directory has a name that is no UTF-8',
    )
  }
  return resolve(here, path)
}

function isWorkingDirectory(path: string): boolean {
  const [named, real] = [statSync(path, { throwIfNoEntry: false }), statSync('.')]
  return named?.ino === real.ino && named.dev === real.dev
}

/** Whether it is a URL of any realm. */
function isUrl(value: unknown): value is URL {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false
  return value instanceof URL || Object.prototype.toString.call(value) === '[object URL]'
}
