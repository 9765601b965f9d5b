/** Facts from package.json. */

/** The package's version. The path is a literal, so that bundlers follow it. */
export function packageVersion(): string {
  const { version } = require('../../package.json') as { version: string }
  return version
}
