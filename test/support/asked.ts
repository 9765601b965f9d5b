/** Resolves values without a database, and catches the errors that refuse them. */
import { TuningError } from '../../lib/base/errors'
import { environmentLayer, resolveTuning, type TuningRequest } from '../../lib/tuning'
import { FACTS } from './layers'

/** The request of a test; everything else comes from FACTS. */
export type Asked = Partial<TuningRequest>

export const resolve = (asked: Asked = {}) => resolveTuning({ ...FACTS, ...asked })
export const optionsOf = (asked: Asked) => resolve(asked).report().options

/** The error that refuses a request. */
export const refusal = (asked: Asked): TuningError => {
  try {
    resolve(asked)
  } catch (error) {
    expect(error).toBeInstanceOf(TuningError)
    return error as TuningError
  }
  throw new Error('was not refused')
}

/** Environment variables, by their full names. */
export const fromEnvironment = (variables: Record<string, string>) => [
  environmentLayer(variables, 'PQPRIV_DB_', []),
]
