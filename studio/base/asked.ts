/** What a component has asked the server for. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { ask, type RequestError } from './api'

export interface Asked<T> {
  answer: T | undefined
  error: RequestError | undefined
  busy: boolean
  again(): void
}

/** Asks whenever the question changes, and every so many milliseconds where `everyMs` is given; not yet without a name. */
export function useAsked<T>(
  name: string | undefined,
  question: unknown,
  everyMs?: number,
): Asked<T> {
  const [state, setState] = useState<Omit<Asked<T>, 'again'>>({
    answer: undefined,
    error: undefined,
    busy: true,
  })
  const [turn, setTurn] = useState(0)
  const text = JSON.stringify(question)
  const before = useRef(text)
  useEffect(() => {
    if (name === undefined) return undefined
    const controller = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    // An answer to another question is not shown under this one.
    const same = before.current === text
    before.current = text
    setState((last) => ({ ...last, answer: same ? last.answer : undefined, busy: true }))
    const run = async () => {
      try {
        const answer = await ask<T>(name, JSON.parse(text), controller.signal)
        if (!controller.signal.aborted) setState({ answer, error: undefined, busy: false })
      } catch (error) {
        if (controller.signal.aborted) return
        setState((last) => ({ ...last, error: error as RequestError, busy: false }))
      }
      if (everyMs !== undefined && !controller.signal.aborted) {
        timer = setTimeout(() => (document.hidden ? wait() : void run()), everyMs)
      }
    }
    const wait = () =>
      document.addEventListener('visibilitychange', () => void run(), {
        once: true,
        signal: controller.signal,
      })
    void run()
    return () => {
      controller.abort()
      clearTimeout(timer)
    }
  }, [name, text, everyMs, turn])
  const again = useCallback(() => setTurn((last) => last + 1), [])
  return { ...state, again }
}
