/** Databases in memory, by name. */
import { invalidType, invalidValue, wellFormed } from './arguments'
import { checkInside, INSIDE, isObject } from './receiver'

/** @internal The path of a named database in memory: `memory:name`. */
export let memoryPathOf: (value: unknown) => string | undefined

/** Names a database in memory; made by `Database.memory`, and given to `Database.open` in place of a path. */
export class MemoryDatabase {
  readonly #name: string

  static {
    memoryPathOf = (value) =>
      isObject(value) && #name in value ? `memory:${value.#name}` : undefined
  }

  /** @internal */
  constructor(inside: unknown, name: string) {
    checkInside(inside, 'MemoryDatabase', 'Database.memory(name)')
    this.#name = name
  }
}

/** @internal Checks a name. */
export function memoryDatabase(name: unknown): MemoryDatabase {
  if (typeof name !== 'string') throw invalidType('name', 'a string', name)
  if (name === '') throw invalidValue('name', name, 'must not be empty')
  if (name.includes('\0')) throw invalidValue('name', name, 'must not contain a null byte')
  return new MemoryDatabase(INSIDE, wellFormed('name', name))
}
