// The record of a client, by a logical clock that all threads share.

const CLOCK = 0
const STARTED = 1
const IDS = 2

/** Numbers that all threads of a run share. */
class Shared {
  constructor(memory = new SharedArrayBuffer(12)) {
    this.memory = memory
    this.numbers = new Int32Array(memory)
  }

  /** The current moment; every call returns another one. */
  now() {
    return Atomics.add(this.numbers, CLOCK, 1)
  }

  /** Counts one more transaction, and returns how many came before it. */
  start() {
    return Atomics.add(this.numbers, STARTED, 1)
  }

  get started() {
    return Atomics.load(this.numbers, STARTED)
  }

  /** A number that nobody else gets. */
  id() {
    return Atomics.add(this.numbers, IDS, 1)
  }
}

/** The attempts of one thread, in the shape that check.d.cts has. */
class Recorder {
  transactions = []

  /**
   * With `post`, everything is posted at once, for workers that may be terminated at any moment.
   */
  constructor(shared, post) {
    this.shared = shared
    this.post = post
  }

  /** A new attempt, which begins now, or at a moment noted before. */
  begin(began = this.shared.now()) {
    return { id: this.shared.id(), status: 'unknown', began, ended: began, ops: [] }
  }

  /** It may be committed from now on. */
  commits(attempt) {
    this.post?.(attempt)
  }

  end(attempt, status) {
    const ended = { ...attempt, status, ended: this.shared.now() }
    if (this.post === undefined) this.transactions.push(ended)
    else this.post(ended)
  }

  /** What was written in an undone part: nobody may ever see it. */
  undone(attempt, ops) {
    this.end({ ...this.begin(attempt.began), ops }, 'aborted')
  }
}

module.exports = { Recorder, Shared }
