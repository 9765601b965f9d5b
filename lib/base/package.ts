/** What package.json says of this package. */

/** The package's version. A literal path, which bundlers follow. */
export function packageVersion(): string {
  const { version } = require('../../package.json') as { version: string }
  return version
}
