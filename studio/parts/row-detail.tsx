/** One row: its value, the bytes beside it, and what can be done with it. */
import { useState } from 'preact/hooks'
import type { Cell, Edit, RowDetail as Row } from '../../lib/studio/protocol'
import { useAsked } from '../base/asked'
import { bytes, count } from '../base/words'
import { Copy, Problem } from './bits'

export interface RowPlace {
  family: string
  keyFormat: string
  valueFormat: string
  /** Hexadecimal. */
  key: string
}

const LINE = 16
const MOST_LINES = 256

/** Bytes as 16 a line, with what of them is text. */
function dump(hex: string): string {
  const lines: string[] = []
  for (let at = 0; at < hex.length && lines.length < MOST_LINES; at += 2 * LINE) {
    const pairs = hex.slice(at, at + 2 * LINE).match(/../g) ?? []
    const text = pairs
      .map((pair) => Number.parseInt(pair, 16))
      .map((code) => (code >= 32 && code < 127 ? String.fromCharCode(code) : '.'))
    const place = (at / 2).toString(16).padStart(6, '0')
    lines.push(`${place}  ${pairs.join(' ').padEnd(3 * LINE - 1)}  ${text.join('')}`)
  }
  return lines.join('\n')
}

/** JSON on several lines; other texts as they are. */
function pretty(text: string): string {
  if (!/^[[{]/.test(text)) return text
  try {
    // Numbers that JavaScript would round stay as they are stored.
    if (/\d{16}/.test(text)) return text
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return text
  }
}

function Value({ cell }: { cell: Cell }) {
  return (
    <>
      {cell.cut && (
        <p class="warn">
          The first {bytes(cell.hex.length / 2)} of {bytes(cell.bytes)}.
        </p>
      )}
      {cell.text === undefined ? (
        <p class="dim">{cell.problem ?? 'These bytes are no text.'}</p>
      ) : (
        <pre class="value">{pretty(cell.text)}</pre>
      )}
      <details open={cell.text === undefined}>
        <summary>Bytes</summary>
        <pre class="hex">{dump(cell.hex)}</pre>
      </details>
    </>
  )
}

/** The field in which a value is written anew. */
function ValueForm({
  cell,
  onEdit,
  onEnd,
}: {
  cell: Cell
  onEdit(text: string): void
  onEnd(): void
}) {
  const [text, setText] = useState(cell.text ?? `0x${cell.hex}`)
  const submit = (event: Event) => {
    event.preventDefault()
    onEdit(text)
  }
  return (
    <form onSubmit={submit}>
      <textarea
        aria-label="New value"
        rows={8}
        value={text}
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p class="buttons">
        <button type="submit" class="main">
          Add to the batch
        </button>
        <button type="button" onClick={onEnd}>
          Leave it
        </button>
      </p>
    </form>
  )
}

export function RowDetail(props: {
  place: RowPlace
  write: boolean
  onEdit(edit: Edit): void
  onClose(): void
}) {
  const { place, write, onEdit } = props
  const { answer, error } = useAsked<Row>('row', place)
  const [editing, setEditing] = useState(false)
  const value = answer?.row.value
  const key = answer?.row.key
  const { family, keyFormat, valueFormat } = place
  const edit = (rest: Pick<Edit, 'type' | 'value'>) => {
    if (value === undefined) return
    onEdit({ ...rest, family, key: `0x${place.key}`, keyFormat, valueFormat, before: value.hex })
    setEditing(false)
  }
  return (
    <aside class="row" aria-label="Row">
      <header>
        <h3>{key === undefined ? '…' : (key.text ?? `0x${key.hex}`)}</h3>
        <button type="button" onClick={props.onClose} aria-label="Close the row">
          ✕
        </button>
      </header>
      <Problem error={error} />
      {answer !== undefined && value !== undefined && key !== undefined && (
        <>
          <p class="dim small">
            key of {count(key.bytes)} bytes,{' '}
            <code>
              0x{key.hex.slice(0, 64)}
              {key.hex.length > 64 && '…'}
            </code>
            ; value of {count(value.bytes)} bytes
            {answer.expiresAt !== undefined &&
              `; expires ${answer.expiresAt === null ? 'never' : new Date(answer.expiresAt).toLocaleString('en-GB')}`}
          </p>
          <p class="buttons">
            <Copy text={key.text ?? key.hex}>Copy key</Copy>
            <Copy text={value.text ?? value.hex}>Copy value</Copy>
            <Copy text={answer.code}>Copy as code</Copy>
            {write && !value.cut && (
              <>
                <button type="button" onClick={() => setEditing(true)}>
                  Edit
                </button>
                <button type="button" class="danger" onClick={() => edit({ type: 'delete' })}>
                  Delete
                </button>
              </>
            )}
          </p>
          {editing ? (
            <ValueForm
              cell={value}
              onEdit={(text) => edit({ type: 'put', value: text })}
              onEnd={() => setEditing(false)}
            />
          ) : (
            <Value cell={value} />
          )}
        </>
      )}
    </aside>
  )
}
