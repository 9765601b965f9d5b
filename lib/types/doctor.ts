/** What the doctor says of a database. */

/**
 * How bad a finding is. `'critical'`: writes are stopped, or data is in danger; `'warning'`: it costs much, or will;
 * `'notice'`: worth knowing.
 */
export type Severity = 'critical' | 'warning' | 'notice'

/** What a finding rests on, quoted. */
export interface Evidence {
  /** Where it stands: `rocksdb.num-files-at-level0`, `LOG:1234` with the line, `/proc/locks`, `statfs`. */
  source: string
  /** What stands there. It may hold any character: escape it before a terminal sees it. */
  text: string
}

/** One thing that is wrong, or worth knowing. */
export interface Finding {
  /** The rule that found it, such as `writes-stopped-by-level0`. Names stay. */
  rule: string
  /** How bad it is. */
  severity: Severity
  /** What is the matter, in a sentence. */
  what: string
  /** The family that has it worst, where it is a family's. */
  columnFamily?: string
  /** Since when, as far as the evidence says. */
  since?: Date
  /** What it rests on; at least one. */
  evidence: readonly Evidence[]
  /** Why it is so. */
  cause: string
  /** What to do. */
  remedy: string
  /** The tuning option of the remedy, where there is one. */
  option?: {
    /** Its name in the tuning. */
    name: string
    /** Whether `db.setOptions` takes it while the database is open. */
    live: boolean
    /** A value to begin with. */
    suggestion?: string
  }
  /** Where the guide has more: `docs/doctor.md#writes-stopped-by-level0`. */
  guide: string
}

/** What became of a rule. */
export interface RuleOutcome {
  /** Its name. */
  rule: string
  /** `'found'`: it has a finding; `'clear'`: looked, and nothing found; `'unknown'`: it could not be judged. */
  outcome: 'found' | 'clear' | 'unknown'
  /** Why it could not be judged. */
  why?: string
}

/** What `db.doctor()` and `Database.doctor` resolve to. */
export interface DoctorReport {
  /** The real, absolute path of the database. */
  path: string
  /** When it was looked at. */
  at: Date
  /**
   * How it was looked at: `'live'` from the process that has it open; `'secondary'` beside a process that has it open;
   * `'read-only'` where nobody has; `'files'` where it could not be opened, so that only its files were looked at.
   */
  opened: 'live' | 'secondary' | 'read-only' | 'files'
  /** Worst first. */
  findings: readonly Finding[]
  /** What became of every rule. */
  rules: readonly RuleOutcome[]
}

/** Options of the doctor. */
export interface DoctorOptions {
  /**
   * Whether to measure how long the disk takes to make 20 small writes durable. It writes a file of 80 KiB into a new
   * directory beside the database's, and removes both; text or a URL names another directory to do it in. False by
   * default: the doctor writes nothing.
   */
  probe?: boolean | string | URL | undefined
  /** Rejects with `ERR_ABORTED` once it is aborted. */
  signal?: AbortSignal | undefined
  /** Rejects with `ERR_TIMED_OUT` after this many milliseconds. */
  deadlineMs?: number | undefined
}
