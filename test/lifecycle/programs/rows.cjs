// Writes rows of a size without a flush, and waits to be killed.
const { Database, args, main, say } = require('./support.cjs')

const [directory, options, count, size] = args

main(async () => {
  const db = await Database.open(directory, options)
  for (let n = 0; n < count; n++) await db.default.put(`k${n}`, `old${n} ${'x'.repeat(size)}`)
  say('ready')
  setInterval(() => {}, 1000)
})
