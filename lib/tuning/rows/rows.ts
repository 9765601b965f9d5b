/** What the tables of rows have to satisfy. */
import type { Row } from '../types'

export type Rows = Readonly<Record<string, Row>>

/** The same value in every preset. */
export const everywhere = <const V>(value: V) => ({
  default: value,
  production: value,
  development: value,
})
