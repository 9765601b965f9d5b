/**
 * Backups of open databases: whole, continuous, verified, restored to any moment.
 *
 * @module rocksdb-live/backup
 */
export { backup } from './backup'
export { backups } from './catalog'
export { directory } from './directory'
export { restore } from './restore'
export { startBackups } from './stream'
export type * from './target'
export type * from './types'
