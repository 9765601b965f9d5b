// Writes sbom.cdx.json, the software bill of materials (CycloneDX 1.6): the npm packages a user gets,
// from package-lock.json, and what is compiled into the binary, as native/sources.json pins it for the
// carrier whose sources are in deps/. The same inputs give the same bytes: no time and no serial number is
// in it.

import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library'
import { parse } from 'smol-toml'
import { fetchSources } from './fetch-sources.mjs'
import { root, runAsProgram } from './support/project.mjs'

const readJson = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'))

/** purl of an npm package: the scope's @ is escaped. */
const npmPurl = (name, version) => `pkg:npm/${name.replace('@', '%40')}@${version}`

/** purl of a crate; the + of a version that names upstream's is escaped. */
const cratePurl = (crate) => `pkg:cargo/${crate.replace('+', '%2B')}`

/** Converts a Subresource Integrity text (`sha512-<base64>`) to CycloneDX's form. */
const sha512 = (integrity) => [
  Enums.HashAlgorithm['SHA-512'],
  Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex'),
]

function component(name, version, license, { purl, ...more }) {
  const type = Enums.ComponentType.Library
  const made = new Models.Component(type, name, { bomRef: purl, purl, version, ...more })
  made.licenses.add(new Models.SpdxLicense(license))
  return made
}

/** What the page of the studio contains (scripts/build-studio.mjs). */
const IN_PAGE = ['node_modules/preact', 'node_modules/uplot']

/** The runtime dependencies, which npm installs beside the package, and what the page contains. */
function npmComponents() {
  const { packages } = readJson('package-lock.json')
  return Object.entries(packages)
    .filter(([folder, { dev }]) => folder !== '' && (!dev || IN_PAGE.includes(folder)))
    .map(([folder, { version, license, integrity }]) => {
      const name = folder.replace(/^.*node_modules\//, '')
      const hashes = new Models.HashDictionary([sha512(integrity)])
      return component(name, version, license ?? licenseOf(folder), {
        purl: npmPurl(name, version),
        hashes,
      })
    })
}

const licenseOf = (folder) => readJson(`${folder}/package.json`).license

/** The checksum of a crate, from cargo's lock file, with which cargo verifies downloads. */
function crateHash(crate) {
  const lock = parse(readFileSync(path.join(root, 'native/crates/Cargo.lock'), 'utf8'))
  const found = lock.package.find(({ name, version }) => `${name}@${version}` === crate)
  return [Enums.HashAlgorithm['SHA-256'], found.checksum]
}

/** The package from which a source is taken, and its hash. */
function carried(pin) {
  if (pin.crate) return { kind: 'crate', purl: cratePurl(pin.crate), hash: crateHash(pin.crate) }
  const at = pin.package.lastIndexOf('@')
  const purl = npmPurl(pin.package.slice(0, at), pin.package.slice(at + 1))
  return { kind: 'npm package', purl, hash: sha512(pin.integrity) }
}

/** The compiled components. Each hash is that of the package from which the sources are taken. */
function compiledComponents(pins) {
  return Object.entries(pins).map(([name, pin]) => {
    const { kind, purl, hash } = carried(pin)
    const reference = new Models.ExternalReference(
      purl,
      Enums.ExternalReferenceType.SourceDistribution,
      {
        comment: `the sources are in ${pin.folder || '.'} of this ${kind}`,
        hashes: new Models.HashDictionary([hash]),
      },
    )
    return component(name, pin.version, pin.license, {
      purl: pin.upstream,
      description: 'compiled into the binary',
      externalReferences: new Models.ExternalReferenceRepository([reference]),
    })
  })
}

/** The bill of materials as JSON text; `pins` are those of fetchSources(). */
export function sbom(pins) {
  const { name, version, license } = readJson('package.json')
  const self = component(name, version, license, { purl: npmPurl(name, version) })
  const parts = [...npmComponents(), ...compiledComponents(pins)]
  for (const part of parts) self.dependencies.add(part.bomRef)
  const bom = new Models.Bom({
    metadata: new Models.Metadata({ component: self }),
    components: new Models.ComponentRepository(parts),
  })
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6)
  const serializer = new Serialize.JsonSerializer(factory)
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`
}

await runAsProgram(import.meta.url, async () => {
  await writeFile(path.join(root, 'sbom.cdx.json'), sbom((await fetchSources()).pins))
  return 0
})
