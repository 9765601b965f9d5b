// Has a database open, and does what its parent asks: [family, method, ...arguments]. Needs dist.
const { Database } = require('../../../dist/index.js')

const [path, options] = process.argv.slice(2)

Database.open(path, JSON.parse(options)).then(
  (db) => {
    process.on('message', async ([family, method, ...args]) => {
      try {
        if (method === undefined) {
          await db.close()
          return process.disconnect()
        }
        const owner = family === 'db' ? db : db.columnFamily(family)
        process.send({ value: await owner[method](...args) })
      } catch (error) {
        process.send({ error: String(error) })
      }
    })
    process.send({})
  },
  (error) => process.send({ error: String(error) }),
)
