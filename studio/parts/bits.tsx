/** Small parts that all views have. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { RequestError } from '../base/api'

/** A failed request. */
export function Problem({ error }: { error: RequestError | undefined }) {
  if (error === undefined) return null
  return (
    <p class="problem" role="alert">
      <b>{error.code}</b> {error.message}
    </p>
  )
}

/** A number with what it is. */
export function Tile(props: {
  name: string
  tone?: string
  children: ComponentChildren
  note?: ComponentChildren
}) {
  return (
    <div class={`tile ${props.tone ?? ''}`}>
      <span class="dim">{props.name}</span>
      <strong>{props.children}</strong>
      {props.note !== undefined && <span class="dim small">{props.note}</span>}
    </div>
  )
}

/** A button that copies a text, and says so. */
export function Copy({ text, children }: { text: string; children: ComponentChildren }) {
  const [done, setDone] = useState(false)
  useEffect(() => {
    if (!done) return undefined
    const timer = setTimeout(() => setDone(false), 1500)
    return () => clearTimeout(timer)
  }, [done])
  const copy = async () => {
    await navigator.clipboard.writeText(text).catch(() => copyByHand(text))
    setDone(true)
  }
  return (
    <button type="button" onClick={copy}>
      {done ? 'Copied' : children}
    </button>
  )
}

/** Where the page is not of a secure context, or the browser asks first. */
function copyByHand(text: string): void {
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}

/** A dialog that takes the keyboard until it is closed. */
export function Dialog(props: { title: string; onClose(): void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog ref={dialog} onClose={props.onClose} aria-label={props.title}>
      <header>
        <h2>{props.title}</h2>
        <button type="button" onClick={() => dialog.current?.close()} aria-label="Close">
          ✕
        </button>
      </header>
      {props.children}
    </dialog>
  )
}

/** A text field that tells of its text once typing pauses. */
export function Field(props: {
  label: string
  value: string
  onText(text: string): void
  placeholder?: string
  list?: string
  id?: string
}) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const [typed, setTyped] = useState<string>()
  useEffect(() => setTyped(undefined), [props.value])
  const tell = (text: string, waitMs: number) => {
    setTyped(text)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => props.onText(text), waitMs)
  }
  return (
    <label>
      <span>{props.label}</span>
      <input
        id={props.id}
        type="text"
        value={typed ?? props.value}
        placeholder={props.placeholder}
        list={props.list}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => tell(event.currentTarget.value, 300)}
        onChange={(event) => tell(event.currentTarget.value, 0)}
      />
    </label>
  )
}
