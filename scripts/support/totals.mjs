// Counts passed, failed and skipped tests of all test programs.

export const totalsOf = (passed = 0, failed = 0, skipped = 0) => ({ passed, failed, skipped })

export function addTotals(...parts) {
  const totals = totalsOf()
  for (const part of parts) {
    for (const key of Object.keys(totals)) totals[key] += part[key]
  }
  return totals
}

/** The last line of every test command. */
export function totalsLine({ passed, failed, skipped }) {
  const line = `${passed} passed, ${failed} failed`
  return skipped > 0 ? `${line}, ${skipped} skipped` : line
}
