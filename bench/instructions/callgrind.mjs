// Reads the file that callgrind writes.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** Names are written once, as `(12) name`, and then as `(12)`. */
class Names {
  #names = new Map()

  resolve(text) {
    const [, id, name] = /^\((\d+)\)(?: (.*))?$/.exec(text) ?? []
    if (id === undefined) return text
    if (name !== undefined) this.#names.set(id, name)
    return this.#names.get(id)
  }
}

/**
 * The instructions executed in the objects whose name ends in `object`: `addon` in all and `functions` by
 * name, `called`, those of other libraries than node that it called (malloc, memcpy, memcmp), and `process`, all of
 * the process.
 */
export async function parseCallgrind(file, object) {
  const objects = new Names()
  const names = new Names()
  const functions = new Map()
  let [addon, called, process, inside, callee, inCall, name] = [0, 0, 0, false, '', false, '']

  const takeCost = (count) => {
    if (inCall) {
      inCall = false
      if (inside && callee !== '' && !callee.endsWith(object) && !/\/node$/.test(callee))
        called += count
      callee = ''
      return
    }
    process += count
    if (!inside) return
    addon += count
    functions.set(name, (functions.get(name) ?? 0) + count)
  }

  for await (const line of createInterface({ input: createReadStream(file) })) {
    const [, key, text] = /^(\w+)=(.*)$/.exec(line) ?? []
    if (key === 'ob') inside = objects.resolve(text).endsWith(object)
    else if (key === 'fn') name = names.resolve(text)
    else if (key === 'cob') callee = objects.resolve(text)
    else if (key === 'cfn') names.resolve(text)
    else if (key === 'calls') inCall = true
    else if (/^[+\-*\d]/.test(line)) takeCost(Number(line.split(' ')[1]))
  }
  return { addon, called, process, functions }
}
