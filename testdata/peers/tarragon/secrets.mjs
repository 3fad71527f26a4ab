// Random tokens, comparison of secrets, and a store for things that expire.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { nowMs } from './clock.mjs';

/** 256 random bits as 43 base64url characters, the look of the tokens in the document. */
export const newToken = () => randomBytes(32).toString('base64url');

const digest = (secret) => createHash('sha256').update(secret).digest();

/** Equality that takes the same time wherever the strings differ, and whatever their lengths. */
export const sameSecret = (a, b) => timingSafeEqual(digest(a), digest(b));

/**
 * Values filed under a secret for a fixed lifetime. Only the secret's digest is kept, so the
 * store cannot give a token away and a lookup's timing says nothing about stored ones.
 * All methods are synchronous: nothing can come between the check and the removal in
 * `take`, which is why at most one of several racing requests gets a single-use value.
 */
export class ExpiringStore {
  #entries = new Map();
  #lifetimeMs;

  constructor(lifetimeSeconds) {
    this.#lifetimeMs = lifetimeSeconds * 1000;
  }

  set(secret, value) {
    this.#sweep();
    this.#entries.set(digest(secret).toString('hex'), { value, expiresAt: nowMs() + this.#lifetimeMs });
  }

  get(secret) {
    const entry = this.#entries.get(digest(secret).toString('hex'));
    return entry && nowMs() < entry.expiresAt ? entry.value : undefined;
  }

  /** Like `get`, but the value is gone afterwards. */
  take(secret) {
    const value = this.get(secret);
    this.#entries.delete(digest(secret).toString('hex'));
    return value;
  }

  // One lifetime for all and a clock that only moves forward: the oldest entries come first.
  #sweep() {
    for (const [key, { expiresAt }] of this.#entries) {
      if (nowMs() < expiresAt) break;
      this.#entries.delete(key);
    }
  }
}
