/** The packages of other stores, which the user has installed or not. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { failure, textOf } from './errors'

/**
 * Loads a package as a program in that folder would. Fails with `ERR_NOT_SUPPORTED` where it is not installed, or
 * cannot be loaded.
 */
export function loadPackage<T>(name: string, folder: string, reason: string): T {
  const load = createRequire(join(folder, 'import.js'))
  try {
    return load(name) as T
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string }
    const missing = code === 'MODULE_NOT_FOUND' && message?.includes(`'${name}'`) === true
    const problem = missing
      ? `is not installed in ${folder}: npm install ${name}`
      : `cannot be loaded from ${folder}: ${textOf(error)}`
    throw failure(
      'ERR_NOT_SUPPORTED',
      `${reason} needs the package ${name}, which ${problem}`,
      error,
    )
  }
}
