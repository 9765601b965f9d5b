/** Paths as callers give them. */
import { fileURLToPath } from 'node:url'
import { types } from 'node:util'
import { invalidType, invalidValue, wellFormed } from './arguments'

/** A path, of text or a `file:` URL. */
export function pathOf(name: string, value: unknown): string {
  const path = isUrl(value) ? fileURLToPath(value) : value
  if (typeof path !== 'string') throw invalidType(name, 'a string or a file: URL', value)
  if (path === '') throw invalidValue(name, value, 'must not be empty')
  if (path.includes('\0')) throw invalidValue(name, value, 'must not contain a null byte')
  return wellFormed(name, path)
}

/** Whether it is a URL, of whatever realm. */
function isUrl(value: unknown): value is URL {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false
  return value instanceof URL || Object.prototype.toString.call(value) === '[object URL]'
}
