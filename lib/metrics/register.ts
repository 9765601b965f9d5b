/** Registries, and which databases each of them collects. */
import { register as defaultRegister } from 'prom-client'
import { invalidType } from '../base/arguments'
import { subjectOf, type Watched } from './subject'

/** What is needed of a prom-client `Registry` to serve it; of any version. */
export interface MetricsRegister {
  /** The metrics as text. */
  metrics(): Promise<string>
  /** The content type of that text. */
  readonly contentType: string
}

const collected = new WeakMap<object, Set<Watched>>()

/**
 * @internal Records that a registry has the metrics of a database or a node; returns a function that undoes it.
 */
export function noteCollected(register: object, db: Watched): () => void {
  let databases = collected.get(register)
  if (databases === undefined) {
    databases = new Set()
    collected.set(register, databases)
  }
  databases.add(db)
  return () => void databases.delete(db)
}

/** @internal What a registry has the metrics of, and is open. */
export function collectedIn(register: object): Watched[] {
  return [...(collected.get(register) ?? [])].filter((db) => !subjectOf('db', db).ended())
}

/** @internal A registry; prom-client's default registry if none is given. */
export function readRegister(name: string, value: unknown): MetricsRegister {
  if (value === undefined) return defaultRegister
  const { metrics, contentType } = (value ?? {}) as Partial<MetricsRegister>
  if (typeof metrics === 'function' && typeof contentType === 'string') {
    return value as MetricsRegister
  }
  throw invalidType(name, 'a Registry of prom-client', value)
}
