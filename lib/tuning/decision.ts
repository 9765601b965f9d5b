/** The decision for a database or a family, before it is reported or passed to RocksDB. */
import type { Passthrough } from './passthrough'
import type { Texts } from './texts'
import type { PresetName } from './types'
import type { Settings } from './values'

/** Everything decided for the database, or for one family over it. */
export interface Decision {
  settings: Settings
  passed: Passthrough
  /** The texts for RocksDB. */
  texts: Texts
}

/** The preset in force and where it was named. */
export interface ChosenPreset {
  name: PresetName
  source: string
}
