/** Methods called on the wrong kind of object: an error with a code. */
import { describe } from './arguments'

/** Node's error for a method on a wrong `this`; `type` is the method's class. */
export function invalidThis(type: string, receiver: unknown): TypeError & { code: string } {
  const message = `Value of "this" must be of type ${type}. Received ${describe(receiver)}`
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_THIS' })
}

/** Whether a value is an object, so that it can have private names. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

type Method = (this: unknown, ...args: unknown[]) => unknown

const AsyncFunction: unknown = (async () => {}).constructor

/**
 * Makes all methods and accessors of a class fail with `ERR_INVALID_THIS` if the receiver is not an
 * object of the class. This costs a call, so performance-critical classes check the receiver
 * themselves.
 *
 * @param isOne whether a value is an object of the class; never throws
 * @param promised methods that return a promise without being `async`: they reject
 */
export function guardReceivers(
  type: { readonly prototype: object; readonly name: string },
  isOne: (receiver: unknown) => boolean,
  promised: readonly PropertyKey[] = [],
): void {
  const { prototype, name: className } = type
  for (const name of Reflect.ownKeys(prototype)) {
    if (name === 'constructor') continue
    const property = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor
    const guard = (method: unknown) => {
      if (typeof method !== 'function') return method
      const rejects = method.constructor === AsyncFunction || promised.includes(name)
      return guarded(method as Method, className, isOne, rejects)
    }
    if ('value' in property) property.value = guard(property.value)
    else Object.assign(property, { get: guard(property.get), set: guard(property.set) })
    Object.defineProperty(prototype, name, property)
  }
}

function guarded(
  method: Method,
  className: string,
  isOne: (receiver: unknown) => boolean,
  rejects: boolean,
): Method {
  const guarding = function (this: unknown, ...args: unknown[]): unknown {
    if (isOne(this)) return method.apply(this, args)
    const error = invalidThis(className, this)
    if (rejects) return Promise.reject(error)
    throw error
  }
  Object.defineProperty(guarding, 'name', { value: method.name, configurable: true })
  Object.defineProperty(guarding, 'length', { value: method.length, configurable: true })
  return guarding
}

/** Passed to the constructors of public classes by this package's own code. */
export const INSIDE: unique symbol = Symbol('inside')

/** Refuses a constructor call from outside; `how` says how to get such an object. */
export function checkInside(inside: unknown, type: string, how: string): void {
  if (inside === INSIDE) return
  const error = new TypeError(`${type} has no public constructor: use ${how}`)
  throw Object.assign(error, { code: 'ERR_ILLEGAL_CONSTRUCTOR' })
}
