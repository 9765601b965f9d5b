/** Expectations about errors. */

/**
 * Matches an error with this code and this text in its message. For `toThrow` and
 * `rejects.toEqual`.
 */
export function coded(code: string, text = ''): unknown {
  return expect.objectContaining({ code, message: expect.stringContaining(text) })
}

/** Expects a promise to reject with this code and this text in the message. */
export async function expectRejection(
  promise: Promise<unknown>,
  code: string,
  text = '',
): Promise<void> {
  await expect(promise).rejects.toEqual(coded(code, text))
}

/** Expects a call to throw at once, with this code and this text in the message. */
export function expectThrow(call: () => unknown, code: string, text = ''): void {
  expect(call).toThrow(coded(code, text) as Error)
}

/** The items of an iterable, synchronous or not. */
export async function listOf<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
