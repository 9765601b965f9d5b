/** Operations on sublevels that somebody has wrapped: TinaCMS hands over Proxies. */
import { AbstractSublevel } from 'abstract-level'

interface Operation {
  sublevel?: object | null
}

/**
 * The operations with their sublevels as they are. A Proxy may have methods alone, and abstract-level looks at the
 * property `parent`; `valueOf` is a method that gives what is inside.
 */
function unwrapped(operations: unknown): unknown {
  if (!Array.isArray(operations)) return operations
  return operations.map((operation: Operation | null | undefined) => {
    if (operation?.sublevel == null) return operation
    return { ...operation, sublevel: operation.sublevel.valueOf() }
  })
}

/** Lets `batch` of a class take them. Its types stay those of abstract-level. */
export function takeWrapped(prototype: object): void {
  const batch = Reflect.get(prototype, 'batch') as (...given: unknown[]) => unknown
  const value = function (this: unknown, ...given: unknown[]): unknown {
    const all = given.length === 0 ? given : [unwrapped(given[0]), ...given.slice(1)]
    return Reflect.apply(batch, this, all)
  }
  Object.defineProperty(prototype, 'batch', { value, writable: true, configurable: true })
}

const Sublevel = AbstractSublevel as unknown as new (
  db: unknown,
  name: unknown,
  options: unknown,
) => object

/** A sublevel of `RocksLevel`. */
export class RocksSublevel extends Sublevel {
  static {
    takeWrapped(RocksSublevel.prototype)
  }

  _sublevel(name: unknown, options: unknown): RocksSublevel {
    return new RocksSublevel(this, name, options)
  }
}
