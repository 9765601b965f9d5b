// Builds with webpack. Arguments: the project's folder, the output's folder, whether the package
// stays external.
const webpack = require('webpack')

const [context, output, external] = process.argv.slice(2)
const options = {
  context,
  entry: './service.cjs',
  target: 'node',
  mode: 'production',
  optimization: { minimize: false },
  output: { path: output, filename: 'service.cjs' },
  externals: external ? { 'rocksdb-live': 'commonjs rocksdb-live' } : {},
}

webpack(options, (error, stats) => {
  if (error) throw error
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true })
  const said = [...errors, ...warnings].map(({ message }) => message)
  if (said.length > 0) throw new Error(said.join('\n'))
})
