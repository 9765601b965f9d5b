// Shows how all nodes are, live, and orders from the shop of the node that this page is of.
const nodes = document.querySelector('#nodes tbody')
const stock = document.querySelector('#stock tbody')
const said = document.querySelector('#said')

/** A row with so many cells. */
function rowIn(body, cells) {
  const row = body.insertRow()
  for (let i = 0; i < cells; i++) row.insertCell()
  return row
}

function show(row, ...texts) {
  for (const [index, text] of texts.entries()) row.cells[index].textContent = text ?? ''
}

/** One node: what it sends, and that it is gone. */
function watch({ name, url }) {
  const row = rowIn(nodes, 7)
  show(row, name, 'connecting')
  const connect = () => {
    const events = new EventSource(`${url}/events`)
    events.addEventListener('status', ({ data }) => {
      const { role, epoch, applied, stalenessMs, writer, error } = JSON.parse(data)
      const age = stalenessMs === null ? 'unknown' : Math.round(stalenessMs)
      show(row, name, role, epoch, applied, age, writer?.node, error)
    })
    events.onerror = () => {
      show(row, name, 'gone', '', '', '', '', '')
      // It tries again by itself, unless it was sent away.
      if (events.readyState === EventSource.CLOSED) setTimeout(connect, 1000)
    }
  }
  connect()
}

async function showStock() {
  const response = await fetch('/stock')
  if (!response.ok) return
  for (const [index, [item, { left, sold }]] of Object.entries(await response.json()).entries()) {
    const row = stock.rows[index] ?? rowWithButton()
    show(row, item, left, sold)
    row.dataset.item = item
  }
}

function rowWithButton() {
  const row = rowIn(stock, 4)
  const button = document.createElement('button')
  button.textContent = 'order one'
  button.onclick = () => order(row.dataset.item).catch((error) => (said.textContent = error))
  row.cells[3].append(button)
  return row
}

async function order(item) {
  const body = JSON.stringify({ id: crypto.randomUUID(), item, quantity: 1 })
  // A redirect leads to the writer, which is of another origin here: it wants the cookie of this one.
  const response = await fetch('/orders', { method: 'POST', body, credentials: 'include' })
  said.textContent = `${response.status}: ${await response.text()}`
  await showStock()
}

async function begin() {
  for (const node of await (await fetch('/nodes')).json()) watch(node)
  await showStock()
  setInterval(() => showStock().catch(() => {}), 2000)
}

begin()
