/** What is looked at stands in the address, behind `#`: it can be copied, and has no data but names. */
import { useEffect, useState } from 'preact/hooks'

export const VIEWS = ['health', 'space', 'rows', 'tuning', 'live'] as const
export type View = (typeof VIEWS)[number]

export interface Route {
  view: View
  words: Readonly<Record<string, string>>
}

function read(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?')
  const view = VIEWS.find((name) => name === path) ?? 'health'
  return { view, words: Object.fromEntries(new URLSearchParams(query)) }
}

/** The address of a view. */
export function hrefOf(view: View, words: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(
    Object.entries(words).filter(([, word]) => word !== ''),
  ).toString()
  return `#/${view}${query === '' ? '' : `?${query}`}`
}

/** Goes to a view, or changes what it shows. */
export function go(view: View, words: Readonly<Record<string, string>> = {}): void {
  location.hash = hrefOf(view, words)
}

/** The view of the address, as it changes. */
export function useRoute(): Route {
  const [route, setRoute] = useState(read)
  useEffect(() => {
    const changed = () => setRoute(read())
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  return route
}
