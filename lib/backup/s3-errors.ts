/** What an answer of S3, or the lack of one, says. */

/** The fields that errors of the SDK may have. */
interface SdkError {
  name?: string
  code?: string
  Code?: string
  message?: string
  $metadata?: { httpStatusCode?: number; attempts?: number }
  $retryable?: object
}

/** A request that failed, with all tries that the SDK made by itself. */
export interface Failed {
  error: unknown
  /** HTTP status; undefined where there was no answer. */
  status: number | undefined
  /** S3's code, for example `SlowDown`; where there is none, the error's code or name. */
  code: string
  /** How many tries the SDK made. */
  tries: number
  /** Whether the same request may succeed now. */
  transient: boolean
  /** Whether it may have been carried out all the same. */
  maybeDone: boolean
}

/** Codes of answers that ask for another try, though their status does not. */
const TRY_AGAIN = new Set([
  'RequestTimeout',
  'OperationAborted',
  'ConditionalRequestConflict',
  'RequestTimeTooSkewed',
  // The bytes were damaged or cut on their way.
  'BadDigest',
  'IncompleteBody',
  'XAmzContentSHA256Mismatch',
])

/** What errors of connections have in their code, name or message. */
const CONNECTION =
  /\bE(CONN(RESET|REFUSED|ABORTED)|PIPE|TIMEDOUT|AI_AGAIN|NOTFOUND|HOSTUNREACH|NETUNREACH|NETDOWN|PROTO)\b|\b(ERR_STREAM_PREMATURE_CLOSE|HPE_\w+|UND_ERR_\w+|TimeoutError|NetworkingError|ConnectionError)\b|socket hang up|\baborted\b|fetch failed|other side closed|premature close/i

/** An answer did not come, or stopped coming, for as long as is waited for it. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
}

/** Reads an error of the SDK. */
export function failedBy(error: unknown): Failed {
  const { name, code, Code, message = '', $metadata, $retryable } = (error ?? {}) as SdkError
  const status = $metadata?.httpStatusCode
  const known = Code ?? (status === undefined ? (code ?? name) : (name ?? code)) ?? 'unknown'
  const tries = Math.max(1, $metadata?.attempts ?? 1)
  const connection = status === undefined && (CONNECTION.test(known) || CONNECTION.test(message))
  // An answer that arrived in part cannot be parsed: its status alone says that all went well.
  const garbled = status !== undefined && status < 300
  const unwell = status !== undefined && (status >= 500 || status === 429 || status === 408)
  return {
    error,
    status,
    code: known,
    tries,
    transient:
      connection ||
      garbled ||
      (unwell && status !== 501) ||
      TRY_AGAIN.has(known) ||
      $retryable !== undefined,
    maybeDone: tries > 1 || !refused(status, known),
  }
}

/** Whether an answer says that nothing was done. */
function refused(status: number | undefined, code: string): boolean {
  if (code === 'SlowDown') return true
  return status !== undefined && status >= 400 && status < 500 && status !== 408
}

/** What S3 puts into some of its errors that is nobody's to read: parts of the request, and its tokens. */
const SECRET = /token|canonicalrequest|stringtosign|signature|accesskeyid/i

/** The error that users get: says what was wanted, of which object, what the service said, and after how many tries. */
export function failure(what: string, failed: Failed, tries: number): Error {
  const { error, status, code } = failed
  if (typeof error === 'object' && error !== null) {
    for (const key of Object.keys(error)) if (SECRET.test(key)) Reflect.deleteProperty(error, key)
  }
  const message = error instanceof Error ? error.message : String(error)
  const said = status === undefined ? code : `${code} (${status})`
  const text = message === '' || message === code ? said : `${said}: ${message}`
  const after = tries > 1 ? ` after ${tries} tries` : ''
  return new Error(`S3 did not ${what}${after}: ${text}`, { cause: error })
}
