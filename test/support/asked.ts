/** Asking for values without a database, and what is said where they are refused. */
import { TuningError } from '../../lib/base/errors'
import { environmentLayer, resolveTuning, type TuningRequest } from '../../lib/tuning'
import { FACTS } from './layers'

/** What a test asks for; the rest is FACTS. */
export type Asked = Partial<TuningRequest>

export const resolve = (asked: Asked = {}) => resolveTuning({ ...FACTS, ...asked })
export const optionsOf = (asked: Asked) => resolve(asked).report().options

/** The error that refuses it. */
export const refusal = (asked: Asked): TuningError => {
  try {
    resolve(asked)
  } catch (error) {
    expect(error).toBeInstanceOf(TuningError)
    return error as TuningError
  }
  throw new Error('was not refused')
}

/** Variables of an environment, by their whole names. */
export const fromEnvironment = (variables: Record<string, string>) => [
  environmentLayer(variables, 'PQPRIV_DB_', []),
]
