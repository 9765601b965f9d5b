/** Every rule, those of a theme together. */
import type { Rule } from '../rule'
import { BUFFER_RULES } from './buffers'
import { DAMAGE_RULES } from './damage'
import { MEMORY_RULES } from './memory'
import { OPENING_RULES } from './opening'
import { READ_RULES } from './reads'
import { SPACE_RULES } from './space'
import { STALL_RULES } from './stalls'
import { SYSTEM_RULES } from './system'

export const RULES: readonly Rule[] = [
  ...STALL_RULES,
  ...BUFFER_RULES,
  ...DAMAGE_RULES,
  ...SPACE_RULES,
  ...SYSTEM_RULES,
  ...OPENING_RULES,
  ...READ_RULES,
  ...MEMORY_RULES,
]
