/** The layer of environment variables: `PQPRIV_DB_WRITE_BUFFER_MB=256`. */
import { emptyLayer, familyOf, type TuningLayer, textValue, unknownName } from './layers'
import { didYouMean, familyKey, readVariableName } from './names'

/** Variables as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Reads the variables under a prefix. `families` are those known by name. */
export function environmentLayer(
  env: Environment,
  prefix: string,
  families: readonly string[],
): TuningLayer {
  const layer = emptyLayer('environment')
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(prefix) || text === undefined) continue
    const source = `environment variable ${variable}`
    const named = readVariableName(variable.slice(prefix.length), families)
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
