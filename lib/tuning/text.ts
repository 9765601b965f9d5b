/** Values as people write them: `256`, `256MB`, `1GiB`, `on`. */

import type { OptionValue, Row, Unit } from './types'
import { allowedBy } from './values'

const BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['on', true],
  ['yes', true],
  ['false', false],
  ['0', false],
  ['off', false],
  ['no', false],
])

/** Powers of 1024. MB means MiB: sizes of memory are binary. */
const POWERS: Readonly<Record<string, number>> = { b: 0, k: 1, m: 2, g: 3, t: 4 }
const UNIT_POWERS: Partial<Record<Unit, number>> = { KiB: 1, MiB: 2, 'MiB/s': 2 }

const NUMBER = /^([+-]?\d+(?:\.\d+)?)\s*(?:([bkmgt])i?b?(\/s)?)?$/i

/** The value of a text for a row; undefined if it is invalid. */
export function parseText(row: Row, text: string): OptionValue | undefined {
  const word = text.trim()
  switch (row.type) {
    case 'boolean':
      return BOOLEANS.get(word.toLowerCase())
    case 'choice':
      return parseChoice(row, word.toLowerCase())
    case 'integer':
      if (row.auto !== undefined && word.toLowerCase() === 'auto') return 'auto'
      return parseNumber(row.unit, word)
  }
}

/** Whether its flag may stand without a value, meaning on. */
export const standsAlone = (row: Row): boolean =>
  row.type === 'boolean' || (row.type === 'choice' && row.switch !== undefined)

/** The allowed values, as text. */
export function allowedAsText(row: Row): string {
  const units = row.type === 'integer' && UNIT_POWERS[row.unit] !== undefined
  if (row.type === 'boolean') return 'true or false (or 1/0, on/off, yes/no)'
  return units ? `${allowedBy(row)}, with or without a unit, as in 64MB or 1GiB` : allowedBy(row)
}

function parseChoice(row: Row & { type: 'choice' }, word: string): OptionValue | undefined {
  if (row.choices.includes(word)) return word
  const flag = row.switch === undefined ? undefined : BOOLEANS.get(word)
  if (flag === undefined) return undefined
  return flag ? row.switch?.on : row.switch?.off
}

function parseNumber(unit: Unit, word: string): number | undefined {
  const match = NUMBER.exec(word)
  if (match === null) return undefined
  const [, digits = '', prefix, perSecond] = match
  const own = UNIT_POWERS[unit]
  if (perSecond !== undefined && unit !== 'MiB/s') return undefined
  const power = prefix === undefined ? own : POWERS[prefix.toLowerCase()]
  if (prefix !== undefined && own === undefined) return undefined
  const value = Number(digits) * 1024 ** ((power ?? 0) - (own ?? 0))
  return Number.isSafeInteger(value) ? value : undefined
}
