/** What happens to a node, as lines for whoever operates it. */
import { quote } from '../base/arguments'
import type { Replica, ReplicaEvents, ReplicaWriter } from '../replica'

/** The same failure is said again after so long. */
const REPEAT_MS = 60_000

/** Says how the node is now, and from then on what happens to it. */
export function tellOf(node: Replica, say: (text: string) => void): void {
  const { role, epoch, writer, warnings, node: name } = node.status()
  for (const warning of warnings) say(`warning: ${warning}`)
  say(`node ${plain(name)}: ${roleText({ role, epoch, writer })}`)
  let said = { message: '', at: 0 }
  node.on('role', (event) => say(roleText(event)))
  node.on('database', ({ reason }) => say(`began again (${reason})`))
  node.on('snapshot', ({ id, sequence }) => say(`snapshot ${id} of record ${sequence}`))
  node.on('setAside', ({ path, epoch, logged, acknowledged }) =>
    say(
      `the log has ${logged} of ${acknowledged} writes of epoch ${epoch}: the rest is set aside in ${path}`,
    ),
  )
  node.on('failure', ({ error }) => {
    // It is tried again and again, and fails in the same way.
    const { message } = error
    const at = performance.now()
    if (message === said.message && at - said.at < REPEAT_MS) return
    said = { message, at }
    say(`failed, and tries again: ${message}`)
  })
}

function roleText({ role, epoch, writer }: ReplicaEvents['role']): string {
  const where = `${role} in epoch ${epoch}`
  return role === 'follower' ? `${where}: ${writerText(writer)}` : where
}

function writerText(writer: ReplicaWriter | undefined): string {
  if (writer === undefined) return 'nobody is known to write'
  const { node, url } = writer
  return `${plain(node)} writes${url === undefined ? '' : ` at ${plain(url)}`}`
}

/** Others have chosen these texts. */
function plain(text: string): string {
  return /^[\x21-\x7e]+$/.test(text) ? text : quote(text)
}
