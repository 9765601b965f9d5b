/** The batch of edits: collected, shown with what was before and would be after, and then written. */
import { useState } from 'preact/hooks'
import type { Cell, Edit, Preview, Written } from '../../lib/studio/protocol'
import { ask, type RequestError } from '../base/api'
import { useAsked } from '../base/asked'
import { Dialog, Problem } from './bits'

const textOf = (cell: Cell) => cell.text ?? `0x${cell.hex}`

function Side({ name, cell }: { name: string; cell: Cell | undefined }) {
  return (
    <div class={`side ${name}`}>
      <span class="dim small">{name}</span>
      <pre>{cell === undefined ? '(no row)' : textOf(cell)}</pre>
    </div>
  )
}

function Review(props: { edits: readonly Edit[]; onWritten(): void; onClose(): void }) {
  const { edits } = props
  const { answer, error, again } = useAsked<Preview>('preview', { edits })
  const [failure, setFailure] = useState<RequestError>()
  const [refused, setRefused] = useState(false)
  const write = async () => {
    setFailure(undefined)
    try {
      const { written } = await ask<Written>('write', { edits })
      if (written) props.onWritten()
      else again()
      setRefused(!written)
    } catch (problem) {
      setFailure(problem as RequestError)
    }
  }
  return (
    <Dialog
      title={`A batch of ${edits.length} ${edits.length === 1 ? 'edit' : 'edits'}`}
      onClose={props.onClose}
    >
      <p class="dim">
        All of it is written at once, and only if no row has changed since it was read.
      </p>
      <Problem error={error ?? failure} />
      {refused && (
        <p class="problem" role="alert">
          Nothing was written: rows have changed since they were read. They are marked below; take
          them out of the batch and read them again.
        </p>
      )}
      <ol class="review">
        {answer?.edits.map(({ key, before, after, changed }, at) => (
          <li key={key.hex} class={changed ? 'changed' : ''}>
            <b>{edits[at]?.type}</b> <code>{textOf(key)}</code>{' '}
            <span class="dim">in {edits[at]?.family}</span>
            {changed && <span class="badge bad">has changed since</span>}
            <div class="sides">
              <Side name="before" cell={before} />
              <Side name="after" cell={after} />
            </div>
          </li>
        ))}
      </ol>
      <p class="buttons">
        <button type="button" class="main" disabled={answer === undefined} onClick={write}>
          Write the batch
        </button>
        <button type="button" onClick={props.onClose}>
          Not now
        </button>
      </p>
    </Dialog>
  )
}

export function Batch(props: {
  edits: readonly Edit[]
  onChange(edits: Edit[]): void
  onWritten(): void
}) {
  const { edits, onChange } = props
  const [open, setOpen] = useState(false)
  const [done, setDone] = useState('')
  const written = () => {
    setOpen(false)
    setDone(`${edits.length === 1 ? 'The edit is' : `All ${edits.length} edits are`} written.`)
    onChange([])
    props.onWritten()
  }
  return (
    <>
      <p class="calm" role="status">
        {done}
      </p>
      {edits.length > 0 && (
        <section class="batch" aria-label="Batch">
          <b>Not written yet:</b>
          <ul>
            {edits.map((edit, at) => (
              <li key={`${edit.family} ${edit.key}`}>
                {edit.type} <code>{edit.key.slice(0, 60)}</code>{' '}
                <button
                  type="button"
                  aria-label={`Take ${edit.key} out`}
                  onClick={() => onChange(edits.filter((_, index) => index !== at))}
                >
                  ✕
                </button>
              </li>
            ))}
          </ul>
          <button
            type="button"
            class="main"
            onClick={() => {
              setDone('')
              setOpen(true)
            }}
          >
            Review the batch
          </button>
        </section>
      )}
      {open && <Review edits={edits} onWritten={written} onClose={() => setOpen(false)} />}
    </>
  )
}
