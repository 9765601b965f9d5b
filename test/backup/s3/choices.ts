/** Which requests the proxy does what to. */
import { type Fault, kindOf, type Seen } from './faults'

/** What may happen to requests of a kind. */
const ANY: Fault[] = ['slowDown', 'doneAnd500', 'answerLost', 'silent']
const ONLY: Record<string, Fault[]> = {
  get: ['slowDown', 'answerLost', 'silent', 'downloadCut', 'downloadCut', 'downloadStalls'],
  put: [...ANY, 'uploadCut', 'twice', 'precondition', 'conflict'],
  part: [...ANY, 'uploadCut', 'twice'],
  complete: [...ANY, 'twice', 'precondition', 'conflict'],
  begin: ['slowDown', 'doneAnd500', 'answerLost'],
}

export const conditioned = ({ headers }: Seen) =>
  'if-match' in headers || 'if-none-match' in headers

/** One fault of those that fit, for this share of all requests. */
export function faultsAt(share: number): (seen: Seen) => Fault | undefined {
  return (seen) => {
    if (Math.random() > share) return undefined
    const fit = (ONLY[kindOf(seen)] ?? ANY).filter((fault) => {
      // These take their time, and are tried one by one as well.
      if (/silent|Stalls/.test(fault) && Math.random() < 0.8) return false
      const ofConditions = fault === 'precondition' || fault === 'conflict'
      return conditioned(seen) || !ofConditions
    })
    return fit[Math.floor(Math.random() * fit.length)]
  }
}

/** These faults for the first requests of a kind, and none after. */
export function first(
  kind: string,
  ...faults: (Fault | undefined)[]
): (seen: Seen) => Fault | undefined {
  const rest = [...faults]
  return (seen) => (kindOf(seen) === kind ? rest.shift() : undefined)
}

/** Faults for the first two requests of a kind, and something that others do before the second. */
export function beforeSecond(
  kind: string,
  faults: [Fault, Fault | undefined],
  act: () => Promise<void>,
): (seen: Seen) => Promise<Fault | undefined> {
  let count = 0
  return async (seen) => {
    if (kindOf(seen) !== kind || ++count > 2) return undefined
    const fault = faults[count - 1]
    if (count === 2) await act()
    return fault
  }
}
