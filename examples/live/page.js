// Shows the rows that /events sends.
const state = document.querySelector('#state')
const body = document.querySelector('tbody')

/** Table rows by their keys, and the keys that were sent since a reset, until all are there. */
const rows = new Map()
let sent

/** The bytes of a key as digits, in the order of the database. */
const hex = (key) =>
  [...new TextEncoder().encode(key)].map((byte) => byte.toString(16).padStart(2, '0')).join('')

function put(key, value) {
  let row = rows.get(key)
  if (row === undefined) {
    row = document.createElement('tr')
    row.dataset.hex = hex(key)
    row.append(document.createElement('td'), document.createElement('td'))
    const next = [...body.children].find((other) => other.dataset.hex > row.dataset.hex)
    body.insertBefore(row, next ?? null)
    rows.set(key, row)
    row.children[0].textContent = key
  }
  row.children[1].textContent = typeof value === 'string' ? value : JSON.stringify(value)
}

function remove(key) {
  rows.get(key)?.remove()
  rows.delete(key)
}

const on = {
  reset() {
    // What is shown stays until it is known which of it is still there.
    sent = new Set()
  },
  put({ key, value }) {
    put(key, value)
    sent?.add(key)
  },
  delete({ key }) {
    remove(key)
  },
  deleteRange({ gte, lt }) {
    for (const [key, row] of rows) {
      if (row.dataset.hex >= gte && row.dataset.hex < lt) remove(key)
    }
  },
  ready() {
    for (const key of rows.keys()) if (!sent?.has(key)) remove(key)
    sent = undefined
    state.value = 'live'
  },
}

function connect() {
  const events = new EventSource('/events')
  for (const [type, listener] of Object.entries(on)) {
    events.addEventListener(type, ({ data }) => listener(JSON.parse(data)))
  }
  events.onerror = () => {
    state.value = 'connecting'
    // It tries again by itself, unless it was sent away.
    if (events.readyState === EventSource.CLOSED) setTimeout(connect, 1000)
  }
}

connect()
