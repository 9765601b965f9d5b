/** The bank: accounts, transfers between them, and a trail from which every balance can be told again. */
import { Database, json, type Transaction } from 'rocksdb-live'

/** An account, in cents. */
export interface Account {
  opened: number
  balance: number
}

/** What somebody asked for. The name is theirs: asked for twice with the same one, it is done once. */
export interface Transfer {
  id: string
  from: string
  to: string
  amount: number
}

/** How a transfer ended; `repeated` where it had been done before. */
export type Outcome = 'done' | 'repeated' | 'too little'

/** The bank at one moment. */
export interface Report {
  accounts: number
  total: number
  transfers: number
}

/** How a bank is opened. */
export interface BankOptions {
  /** Accounts of a new bank. 100 by default. */
  accounts?: number
  /** What each of them has at first, in cents. 1,000.00 by default. */
  balance?: number
  /** Wait at each transfer until it is on the disk: it outlives a power failure then. False by default. */
  sync?: boolean
}

/** There is no account of that name. */
export class UnknownAccount extends Error {}

const families = {
  accounts: { key: 'utf8', value: json<Account>() },
  /** What was done, by the name of the transfer. */
  transfers: { key: 'utf8', value: json<Transfer>() },
  /** What each account gave (below 0) and got: two rows for a transfer, `account/transfer`. */
  entries: { key: 'utf8', value: json<number>() },
} as const

const openDatabase = (path: string) => Database.open(path, { columnFamilies: families })

type BankDatabase = Awaited<ReturnType<typeof openDatabase>>

/** The name of an account by its number. */
export const accountName = (number: number): string => `account-${String(number).padStart(4, '0')}`

/** A bank in a directory. */
export class Bank {
  readonly #db: BankDatabase
  readonly #sync: boolean
  readonly accounts
  readonly transfers
  readonly entries

  private constructor(db: BankDatabase, sync: boolean) {
    this.#db = db
    this.#sync = sync
    this.accounts = db.columnFamily('accounts')
    this.transfers = db.columnFamily('transfers')
    this.entries = db.columnFamily('entries')
  }

  /** Opens the bank; opens its accounts where it is new. */
  static async open(path: string, options: BankOptions = {}): Promise<Bank> {
    const { accounts = 100, balance = 100_000, sync = false } = options
    const bank = new Bank(await openDatabase(path), sync)
    await bank.#openAccounts(accounts, balance)
    return bank
  }

  /** All of them or none: a bank that was killed while it was made has none. */
  #openAccounts(count: number, balance: number): Promise<void> {
    return this.#db.transaction(async (tx) => {
      if ((await tx.first(this.accounts)) !== undefined) return
      for (let number = 0; number < count; number++) {
        tx.put(this.accounts, accountName(number), { opened: balance, balance })
      }
    })
  }

  /**
   * Moves money. When this has resolved to `done`, the money is there; where it throws, nothing has
   * happened, or it can be asked for again by the same name.
   */
  async transfer(transfer: Transfer): Promise<Outcome> {
    const { amount, from, to } = transfer
    if (!Number.isSafeInteger(amount) || amount <= 0) throw new RangeError(`an amount of ${amount}`)
    if (from === to) throw new RangeError(`a transfer from ${from} to itself`)
    return this.#db.transaction((tx) => this.#move(tx, transfer), { sync: this.#sync })
  }

  /** It may run more than once, so it changes nothing but the transaction. */
  async #move(tx: Transaction, transfer: Transfer): Promise<Outcome> {
    const { id, from, to, amount } = transfer
    if (await tx.has(this.transfers, id)) return 'repeated'
    const [giver, taker] = await tx.getMany(this.accounts, [from, to])
    if (giver === undefined) throw new UnknownAccount(from)
    if (taker === undefined) throw new UnknownAccount(to)
    if (giver.balance < amount) return 'too little'
    tx.put(this.accounts, from, { ...giver, balance: giver.balance - amount })
    tx.put(this.accounts, to, { ...taker, balance: taker.balance + amount })
    tx.put(this.transfers, id, transfer)
    tx.put(this.entries, `${from}/${id}`, -amount)
    tx.put(this.entries, `${to}/${id}`, amount)
    return 'done'
  }

  /**
   * All of the bank at one moment, while transfers go on. It writes nothing that hangs on what it read, so
   * `snapshot` is enough: nobody's transfer is in its way.
   */
  report(): Promise<Report> {
    return this.#db.transaction(
      async (tx) => {
        let [accounts, total] = [0, 0]
        for await (const [, { balance }] of tx.entries(this.accounts)) {
          accounts++
          total += balance
        }
        return { accounts, total, transfers: await tx.count(this.transfers) }
      },
      { isolation: 'snapshot' },
    )
  }

  /** What an account gave and got, in the order of the transfers' names. */
  async statement(account: string): Promise<{ transfer: string; amount: number }[]> {
    const rows: { transfer: string; amount: number }[] = []
    for await (const [key, amount] of this.entries.entries({ prefix: `${account}/` })) {
      rows.push({ transfer: key.slice(account.length + 1), amount })
    }
    return rows
  }

  close(): Promise<void> {
    return this.#db.close()
  }
}
