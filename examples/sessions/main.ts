/**
 * An express app whose sessions outlive it: stop it, or kill it, start it again, and who was logged in still is.
 *
 *     npm run sessions -- 3000
 *     curl -c cookies -b cookies -X POST http://127.0.0.1:3000/login/ada
 *     curl -c cookies -b cookies http://127.0.0.1:3000/
 *     curl -c cookies -b cookies -X POST http://127.0.0.1:3000/logout
 */
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import express from 'express'
import session from 'express-session'
import { RocksSessionStore } from 'rocksdb-live/session'

declare module 'express-session' {
  interface SessionData {
    user: string
    visits: number
  }
}

const HOUR_MS = 3_600_000

const store = new RocksSessionStore(join('data', 'sessions'), { sync: true })
const app = express()
app.use(
  session({
    store,
    secret: process.env['SESSION_SECRET'] ?? 'for this example only',
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: HOUR_MS },
  }),
)

app.post('/login/:user', (request, response, next) => {
  // A new id, so that nobody can have prepared it.
  request.session.regenerate((error) => {
    if (error) return next(error)
    request.session.user = request.params.user
    request.session.visits = 0
    response.send(`hello ${request.session.user}\n`)
  })
})

app.post('/logout', (request, response, next) => {
  request.session.destroy((error) => (error ? next(error) : response.send('bye\n')))
})

app.get('/', (request, response) => {
  const { user } = request.session
  if (user === undefined) return response.status(401).send('who are you?\n')
  request.session.visits = (request.session.visits ?? 0) + 1
  return response.send(`${user}, visit ${request.session.visits}\n`)
})

app.get('/touch', (_request, response) => response.send('touched\n'))

const server = app.listen(Number(process.argv[2] ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})

/** Answers what has been asked, and closes the database. */
function stop(): void {
  server.close(() => {
    store.close().catch((error: Error) => {
      console.error(error.message)
      process.exitCode = 1
    })
  })
  server.closeIdleConnections()
  // A client may keep its connection for as long as it likes.
  setTimeout(() => server.closeAllConnections(), 1000).unref()
}

process.once('SIGTERM', stop)
process.once('SIGINT', stop)
