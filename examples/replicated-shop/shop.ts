/** The shop: what is in stock, and what was ordered. It knows nothing of HTTP, and of replicas only that it is one. */
import { type Database, json, RocksDBError, type Transaction } from 'rocksdb-live'
import type { Replica } from 'rocksdb-live/replica'

export interface Stock {
  left: number
  sold: number
}

/** What somebody asked for. The name is theirs: asked for twice with the same one, it is done once. */
export interface Order {
  id: string
  item: string
  quantity: number
}

/** How an order ended; `repeated` where it had been done before. */
export type Outcome = 'done' | 'repeated' | 'sold out'

/** What there is of everything, at one moment. */
export interface Books {
  stock: Record<string, Stock>
  /** The names of all orders. */
  orders: string[]
  /** Where stock and orders do not agree. */
  problems: string[]
}

/** There is no such item. */
export class UnknownItem extends Error {}

export const families = {
  stock: { key: 'utf8', value: json<Stock>() },
  orders: { key: 'utf8', value: json<Order>() },
} as const

export type ShopNode = Replica<typeof families>

/** What a new shop has. */
const GOODS = ['candle', 'compass', 'ink', 'lamp', 'map', 'paper', 'pen', 'rope']
const PIECES = 1_000_000

/** A shop whose rows are a replica's. */
export class Shop {
  readonly node: ShopNode

  constructor(node: ShopNode) {
    this.node = node
  }

  /** Families are of a database, and the node replaces its own when it begins again from a snapshot. */
  get #db(): Database<typeof families> {
    return this.node.db
  }

  /** Fills the shelves of a new shop; only the writer can. */
  stockUp(): Promise<void> {
    const stock = this.#db.columnFamily('stock')
    return this.#db.transaction(async (tx) => {
      if ((await tx.first(stock)) !== undefined) return
      for (const item of GOODS) tx.put(stock, item, { left: PIECES, sold: 0 })
    })
  }

  /**
   * When this has resolved, a majority of the log's servers has the order, and no crash of this node loses it. Where it
   * rejects, nothing has happened, or it can be asked for again by the same name.
   */
  order(order: Order): Promise<Outcome> {
    return this.#db.transaction((tx) => this.#take(tx, order))
  }

  /** It may run more than once, so it changes nothing but the transaction. */
  async #take(tx: Transaction, order: Order): Promise<Outcome> {
    const { id, item, quantity } = order
    const { stock, orders } = this.#families
    if (await tx.has(orders, id)) return 'repeated'
    const there = await tx.get(stock, item)
    if (there === undefined) throw new UnknownItem(item)
    if (there.left < quantity) return 'sold out'
    tx.put(stock, item, { left: there.left - quantity, sold: there.sold + quantity })
    tx.put(orders, id, order)
    return 'done'
  }

  get #families() {
    const db = this.#db
    return { stock: db.columnFamily('stock'), orders: db.columnFamily('orders') }
  }

  async find(id: string): Promise<Order | undefined> {
    return this.#families.orders.get(id)
  }

  /** All of it at one moment, also on a follower while records are applied. */
  async books(): Promise<Books> {
    const { stock, orders } = this.#families
    using snapshot = this.#db.snapshot()
    const books: Books = { stock: {}, orders: [], problems: [] }
    const sold = new Map<string, number>()
    for await (const [id, { item, quantity }] of orders.entries({ snapshot })) {
      books.orders.push(id)
      sold.set(item, (sold.get(item) ?? 0) + quantity)
    }
    for await (const [item, shelf] of stock.entries({ snapshot })) {
      books.stock[item] = shelf
      const ordered = sold.get(item) ?? 0
      if (shelf.sold !== ordered || shelf.left + shelf.sold !== PIECES) {
        books.problems.push(`${item}: ${ordered} ordered, ${JSON.stringify(shelf)} in stock`)
      }
    }
    return books
  }
}

/** Whether a write failed because this node is not the writer; it was not done then, or `unknown` says so. */
export function notWriter(error: unknown): error is RocksDBError {
  return error instanceof RocksDBError && error.code === 'ERR_NOT_WRITER'
}
