/** How much of what was committed is kept for readers of changes. */
import { everywhere, type Rows } from './rows'
import { plain } from './texts'

export const CHANGE_ROWS = {
  /** WAL that is kept after it is obsolete, for readers without a named place. */
  changesRetainMb: {
    type: 'integer',
    unit: 'MiB',
    min: 0,
    max: 16 * 1024 * 1024,
    special: { 0: 'nothing' },
    presets: everywhere(0),
    target: { map: 'changes', option: 'retain', text: plain },
    scope: 'database',
    changeable: false,
    what: 'old WAL files that are kept for readers of changes, in the folder archive',
    help: 'Set it to use retainChanges, or to let readers of changes fall that far behind; of several openings in a process the first counts.',
  },
} as const satisfies Rows
