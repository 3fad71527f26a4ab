"""Clock, digests, password hashes, JWTs and stores of tokens that expire."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time


class Clock:
    """Real time plus an offset which only grows.

    Everything that tells the time asks this object, so that one call moves
    lifetimes, timestamps, JWT claims and the Date header together.
    """

    # Far enough for any lifetime, and it keeps four-digit years.
    MAX_OFFSET = 100 * 365 * 86400

    def __init__(self):
        self._offset = 0.0
        self._lock = threading.Lock()

    def now(self):
        return time.time() + self._offset

    def advance(self, seconds):
        with self._lock:
            if not 0 <= seconds <= self.MAX_OFFSET - self._offset:
                raise ValueError("out of range")
            self._offset += seconds
            return self._offset


def digest(text):
    return hashlib.sha256(text.encode()).digest()


class PasswordHash:
    """A salted scrypt hash; deliberately light (1 MiB), as this is a test peer."""

    def __init__(self, password):
        self._salt = secrets.token_bytes(16)
        self._key = self._derive(password)

    def _derive(self, password):
        return hashlib.scrypt(password.encode(), salt=self._salt, n=2**10, r=8, p=1)

    def matches(self, password):
        return hmac.compare_digest(self._key, self._derive(password))


# Checked in place of the account that does not exist, so that the time an
# answer takes does not tell which names are taken.
NOBODY = PasswordHash(secrets.token_urlsafe())


class JwtSigner:
    """Issues and verifies HS256 JWTs (RFC 7519, RFC 7515) under a private key.

    We are the only issuer, so there is exactly one acceptable header. Pinning
    it means that the `alg` of a presented token is never believed.
    """

    def __init__(self, issuer):
        self._issuer = issuer
        self._key = secrets.token_bytes(32)
        self._header = self._encode_part({"alg": "HS256", "typ": "JWT"})

    @staticmethod
    def _b64(raw):
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    def _encode_part(self, value):
        return self._b64(json.dumps(value, separators=(",", ":")).encode())

    def _signature(self, payload):
        signed = f"{self._header}.{payload}".encode()
        return self._b64(hmac.digest(self._key, signed, "sha256"))

    def encode(self, claims):
        payload = self._encode_part({"iss": self._issuer, **claims})
        return f"{self._header}.{payload}.{self._signature(payload)}"

    def decode(self, token):
        """The claims of a token we signed, expired or not; None for any other."""
        header, _, rest = token.partition(".")
        payload, _, signature = rest.partition(".")
        # Comparing the encoded signatures also refuses other spellings of the
        # same bytes (the last base64 digit has unused bits).
        genuine = hmac.compare_digest(
            self._signature(payload).encode(), signature.encode()
        )
        if header != self._header or not genuine:
            return None
        padding = "=" * (-len(payload) % 4)
        return json.loads(base64.urlsafe_b64decode(payload + padding))


class ExpiringStore:
    """Thread-safe map from secret strings to values, each kept for one lifetime.

    Keys are kept as digests only: neither a dump of the memory nor the timing
    of a lookup gives tokens away.
    """

    def __init__(self, clock, lifetime):
        self._clock = clock
        self._lifetime = lifetime
        self._entries = {}
        self._lock = threading.Lock()

    def _purge(self):
        # One lifetime for all and a clock that moves forward: the order of
        # insertion is the order of expiry, so only the front needs a look.
        now = self._clock.now()
        while self._entries:
            oldest = next(iter(self._entries))
            if self._entries[oldest][0] > now:
                break
            del self._entries[oldest]

    def add(self, token, value=None):
        """Store the value; False if the token is there already."""
        with self._lock:
            self._purge()
            key = digest(token)
            if key in self._entries:
                return False
            self._entries[key] = (self._clock.now() + self._lifetime, value)
            return True

    def get(self, token):
        with self._lock:
            self._purge()
            _, value = self._entries.get(digest(token), (None, None))
            return value

    def take(self, token):
        """Remove and return, atomically: of racing callers one gets the value."""
        with self._lock:
            self._purge()
            _, value = self._entries.pop(digest(token), (None, None))
            return value

    def __contains__(self, token):
        with self._lock:
            self._purge()
            return digest(token) in self._entries
