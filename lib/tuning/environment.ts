/** The layer of environment variables: `PQPRIV_DB_WRITE_BUFFER_MB=256`. */
import { emptyLayer, familyOf, type TuningLayer, textValue, unknownName } from './layers'
import { didYouMean, familyKey, readVariableName } from './names'

/** Variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Kubernetes sets these in each container for a service whose name matches the prefix: its address
 * and its ports.
 */
const SERVICE_LINK =
  /^(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?)?)$/

/** Why a variable is ignored; undefined if it is not. */
function passedOver(rest: string, text: string, known: boolean): string | undefined {
  if (text.trim() === '') return 'is empty'
  if (known || !SERVICE_LINK.test(rest)) return undefined
  return 'is one that Kubernetes sets for a service of that name (enableServiceLinks: false turns it off)'
}

/**
 * Reads the variables with a prefix. `families` are the known names. Empty variables, and those
 * that Kubernetes sets for a service, are ignored with a warning.
 */
export function environmentLayer(
  env: Environment,
  prefix: string,
  families: readonly string[],
): TuningLayer {
  const layer = emptyLayer('environment')
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(prefix) || text === undefined) continue
    const source = `environment variable ${variable}`
    const rest = variable.slice(prefix.length)
    const named = readVariableName(rest, families)
    const reason = passedOver(rest, text, named.kind !== 'unknown')
    if (reason !== undefined) {
      layer.ignored.push(`The ${source} ${reason}: it is ignored`)
      continue
    }
    switch (named.kind) {
      case 'preset':
        layer.preset = { value: text.trim(), source }
        break
      case 'option':
        layer.values.push({ name: named.name, value: textValue(named.name, text, source), source })
        break
      case 'family': {
        const { family, name } = named
        const entry = familyOf(layer, family, (other) => familyKey(other) === family)
        entry.values.push({ name, value: textValue(name, text, source), source })
        break
      }
      case 'unknown': {
        const near = named.near === undefined ? undefined : prefix + named.near
        throw unknownName('variable', variable, text, source, didYouMean(near))
      }
    }
  }
  return layer
}
