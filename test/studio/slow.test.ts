/** A browser that stops reading. */
import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { partsOf } from '../../lib/open-database'
import { Live } from '../../lib/studio/live'
import { openFresh, useTempDirectory } from '../support/database'
import { until } from './support'

useTempDirectory()

function browser(takes: boolean) {
  const write = jest.fn((_: string) => takes)
  const rest = { destroyed: false, setHeader() {}, flushHeaders() {}, end() {}, destroy() {} }
  const response = Object.assign(new EventEmitter(), rest, { write })
  return { write, response: response as unknown as ServerResponse }
}

it('is sent nothing more until it reads again, and holds up nobody', async () => {
  const db = await openFresh()
  const live = new Live(db, partsOf(db).connection)
  const [slow, quick] = [browser(false), browser(true)]
  live.attach(slow.response)
  live.attach(quick.response)
  await until(() => slow.write.mock.calls.length === 1)
  await until(() => quick.write.mock.calls.length >= 3)
  expect(slow.write).toHaveBeenCalledTimes(1)
  slow.response.emit('drain')
  await until(() => slow.write.mock.calls.length === 2)
  // With the names again: it may have missed them.
  expect(slow.write.mock.calls[1]?.[0]).toMatch(/^event: names\n/)
  live.close()
})
