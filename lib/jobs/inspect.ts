/** Properties, sizes and health of a database, and its maintenance. */
import { invalidType, optionalBoolean, readOptions } from '../base/arguments'
import type { Connection } from '../connection/connection'
import type { FamilyHandle } from '../connection/handle'
import type { Families } from '../open/families'
import { putRange, readBounds } from '../reads/range'
import type { Health, OptionsInForce } from '../types/statistics'

function checkProperty(name: unknown): string {
  if (typeof name !== 'string') throw invalidType('name', 'a string', name)
  return name
}

export function property(
  connection: Connection,
  name: unknown,
  family: FamilyHandle,
): string | undefined {
  const checked = checkProperty(name)
  return connection.run('property', (session) => session.property(family.id, checked), family)
}

export function intProperty(
  connection: Connection,
  name: unknown,
  families: Families,
  family: unknown,
): number | undefined {
  const checked = checkProperty(name)
  if (isOptions(family)) {
    const { aggregate } = readOptions('options', family, ['aggregate'])
    if (optionalBoolean('options.aggregate', aggregate, false)) {
      return connection.run('intProperty', (session) => session.aggregatedIntProperty(checked))
    }
  }
  const handle = families.handle(isOptions(family) ? undefined : family)
  return connection.run('intProperty', (session) => session.intProperty(handle.id, checked), handle)
}

/** Whether it is an options object rather than a family. */
function isOptions(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'aggregate')
}

export function mapProperty(
  connection: Connection,
  name: unknown,
  family: FamilyHandle,
): Record<string, string> | undefined {
  const checked = checkProperty(name)
  return connection.run('mapProperty', (session) => session.mapProperty(family.id, checked), family)
}

export function approximateSize(family: FamilyHandle, range: unknown): number {
  const bytes = readBounds(family, range)
  family.connection.assertOpen('approximateSize', family)
  if (bytes.empty) return 0
  return family.connection.run(
    'approximateSize',
    (session) => {
      putRange(family, bytes)
      return session.approximateSize()
    },
    family,
  )
}

export function options(connection: Connection): OptionsInForce {
  return connection.run('options', (session) => session.options())
}

/** By severity: none, soft, hard, fatal, unrecoverable (rocksdb/status.h). */
const HEALTH: readonly Health[] = ['ok', 'degraded', 'readOnly', 'failed', 'failed']

export function health(connection: Connection): Health {
  const [severity] = connection.run('health', (session) => session.health())
  return HEALTH[severity] ?? 'failed'
}

export function healthCause(connection: Connection): string | undefined {
  const [severity, message] = connection.run('health', (session) => session.health())
  return severity === 0 && message === '' ? undefined : message
}

export async function flush(
  connection: Connection,
  families: Families,
  family: unknown,
): Promise<void> {
  const chosen = Array.isArray(family) ? family : [family]
  const handles = family === undefined ? [] : chosen.map((one) => families.handle(one ?? null))
  const all = () => connection.session.families().map(([, id]) => id)
  const place = handles.length === 1 ? handles[0] : undefined
  await connection.call(
    'flush',
    (session, id) => session.flush(id, family === undefined ? all() : handles.map((one) => one.id)),
    place,
  )
}

export async function compactRange(
  family: FamilyHandle,
  range: unknown,
  given: unknown,
): Promise<void> {
  const { bottommost } = readOptions('options', given, ['bottommost'])
  const toBottom = optionalBoolean('options.bottommost', bottommost, false)
  const bytes = readBounds(family, range)
  const { connection } = family
  connection.assertOpen('compactRange', family)
  if (bytes.empty) return
  await connection.call(
    'compactRange',
    (session, id) => {
      putRange(family, bytes)
      session.compactRange(id, toBottom)
    },
    family,
  )
}
