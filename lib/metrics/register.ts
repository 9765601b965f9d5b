/** Registries, and which databases each of them collects. */
import { register as defaultRegister } from 'prom-client'
import { invalidType } from '../base/arguments'
import type { Database } from '../database'

/** What is needed of a prom-client `Registry` to serve it; of any version. */
export interface MetricsRegister {
  /** The metrics as text. */
  metrics(): Promise<string>
  /** The content type of that text. */
  readonly contentType: string
}

// biome-ignore lint/suspicious/noExplicitAny: databases of any families are meant
type AnyDatabase = Database<any>

const collected = new WeakMap<object, Set<AnyDatabase>>()

/**
 * @internal Records that a registry has a database's metrics; returns a function that undoes it.
 */
export function noteCollected(register: object, db: AnyDatabase): () => void {
  let databases = collected.get(register)
  if (databases === undefined) {
    databases = new Set()
    collected.set(register, databases)
  }
  databases.add(db)
  return () => void databases.delete(db)
}

/** @internal The open databases whose metrics a registry has. */
export function collectedIn(register: object): AnyDatabase[] {
  return [...(collected.get(register) ?? [])].filter((db) => !db.closed)
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
