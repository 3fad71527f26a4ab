// The server's clock: real time plus an offset that tests may push forward.
// Every lifetime and timestamp is taken from here, never from Date.now() directly.

const MAX_OFFSET_SECONDS = 100 * 365 * 24 * 3600; // keeps every date well inside the range of Date

let offsetSeconds = 0;

/** Milliseconds since the epoch. */
export const nowMs = () => Date.now() + offsetSeconds * 1000;

/** Whole seconds since the epoch, the NumericDate of JWT. */
export const nowSeconds = () => Math.floor(nowMs() / 1000);

/** Moves the clock forward; false if `seconds` is not an acceptable amount. */
export function advance(seconds) {
  const next = offsetSeconds + seconds;
  if (!Number.isFinite(seconds) || seconds < 0 || next > MAX_OFFSET_SECONDS) return false;
  offsetSeconds = next;
  return true;
}
