/**
 * Backups of open databases: whole, continuous, verified, restored to any moment.
 *
 * @module rocksdb-live/backup
 */
export { backup } from './backup'
export { backups } from './catalog'
export { type CheckTargetOptions, checkTarget } from './check-target'
export { directory } from './directory'
export { restore } from './restore'
export { type S3ClientLike, type S3Options, s3 } from './s3'
export { startBackups } from './stream'
export type * from './target'
export type * from './types'
