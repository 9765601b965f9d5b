/** How long transactions may stay open, and what is kept for them. */
import { everywhere, type Rows } from './rows'
import { plain } from './texts'

export const TRANSACTION_ROWS = {
  /** What is kept of others' commits, for the open ones to be compared with. */
  transactionWindowMb: {
    type: 'integer',
    unit: 'MiB',
    min: 1,
    max: 65536,
    presets: everywhere(64),
    target: { map: 'transactions', option: 'window', text: plain },
    scope: 'database',
    changeable: false,
    what: 'memory for the keys of what is committed while transactions are open',
    help: 'Raise it where long transactions that write fail with ERR_TRANSACTION_TOO_OLD; of several openings in a process the largest counts.',
  },
  /** When an open transaction is told of. */
  longTransactionSeconds: {
    type: 'integer',
    unit: 'seconds',
    min: 0,
    max: 86400,
    special: { 0: 'never' },
    presets: everywhere(60),
    target: { map: 'transactions', option: 'long', text: plain },
    scope: 'database',
    changeable: false,
    what: 'how long a transaction is open when a warning and an event tell of it',
    help: 'Lower it to find transactions that wait for something slow.',
  },
} as const satisfies Rows
