/** Waiting times between attempts, in milliseconds: doubling, capped, with jitter so that a crowd does not return at once. */
export function backoff(attempt, { first = 200, max = 10_000, random = Math.random } = {}) {
  const full = Math.min(max, first * 2 ** Math.min(attempt, 20));
  return Math.round(full * (0.5 + random() / 2));
}
