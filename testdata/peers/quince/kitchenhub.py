"""The "Kitchenhub Auth API": JWT access tokens, opaque one-time refresh tokens."""

import hmac
import math
import secrets
import threading
from typing import NamedTuple

from security import ExpiringStore, JwtSigner, digest
from web import ApiError, Dialect, InvalidField, Response, invalid_token, route, text

REALM = "kitchenhub"
ACCESS_MINUTES = 60  # "access_token_expire": 60
REFRESH_MINUTES = 1440  # "refresh_token_expire": 1440


class Credentials(NamedTuple):
    secret: bytes  # digest
    generation: int  # counts regenerations of the secret


class Kitchenhub(Dialect):
    prefix = "/v2/"

    def __init__(self, clock, clients):
        super().__init__()
        self._clock = clock
        self._signer = JwtSigner(REALM)
        self._refresh_tokens = ExpiringStore(clock, REFRESH_MINUTES * 60)
        self._lock = threading.Lock()  # for changes of self._clients
        self._clients = {
            client_id: Credentials(digest(secret), 0)
            for client_id, secret in clients.items()
        }

    @route("POST", "/v2/auth/token")
    def generate(self, request):
        data = self._json(request)
        client_id, secret = text(data, "client_id"), text(data, "client_secret")
        # No secret has an empty digest, so unknown clients never match.
        client = self._clients.get(client_id, Credentials(b"", 0))
        if not hmac.compare_digest(client.secret, digest(secret)):
            raise ApiError(
                401,
                "Invalid client credentials",
                headers=[("WWW-Authenticate", f'Bearer realm="{REALM}"')],
            )
        return self._issue(client_id, client.generation)

    @route("POST", "/v2/auth/refresh")
    def refresh(self, request):
        token = text(self._json(request), "refresh_token")
        # "the old one becomes invalid": taking it out is the invalidation.
        grant = self._refresh_tokens.take(token)
        if grant is None or not self._current(*grant):
            raise invalid_token(REALM)
        return self._issue(*grant)

    @route("POST", "/v2/auth/validate")
    def validate(self, request):
        claims = self._active(text(self._json(request), "access_token"))
        if claims is None:
            return Response(200, {"valid": False, "expires_in": 0})
        # "minutes remaining", rounded up: a valid token never reports 0.
        minutes = math.ceil((claims["exp"] - self._clock.now()) / 60)
        return Response(200, {"valid": True, "expires_in": minutes})

    @route("GET", "/v2/orders")
    def orders(self, request):
        claims = self._active(request.bearer(REALM))
        if claims is None:
            raise invalid_token(REALM)
        return Response(200, {"client_id": claims["sub"], "orders": []})

    def rotate_secret(self, client_id):
        """ "revoke and regenerate your credentials"; None for an unknown client.

        A leaked secret may have been used: the new generation also ends all
        tokens that were obtained with the old secret.
        """
        secret = secrets.token_urlsafe(24)
        with self._lock:
            client = self._clients.get(client_id)
            if client is None:
                return None
            new = Credentials(digest(secret), client.generation + 1)
            self._clients[client_id] = new
        return secret

    def render(self, error):
        if isinstance(error, InvalidField):
            location = ["body", error.name] if error.name else ["body"]
            detail = [{"loc": location, "msg": error.problem}]
            return Response(422, {"detail": detail}, error.headers)
        return super().render(error)

    @staticmethod
    def _json(request):
        # The document names no Content-Type, so having none is fine.
        if request.content_type not in ("", "application/json"):
            raise ApiError(415, "Content-Type must be application/json")
        return request.json()

    def _current(self, client_id, generation):
        return self._clients[client_id].generation == generation

    def _issue(self, client_id, generation):
        issued = int(self._clock.now())
        access_token = self._signer.encode(
            {
                "sub": client_id,
                "gen": generation,
                "jti": secrets.token_hex(8),
                "iat": issued,
                "exp": issued + ACCESS_MINUTES * 60,
            }
        )
        refresh_token = secrets.token_urlsafe(32)
        self._refresh_tokens.add(refresh_token, (client_id, generation))
        return Response(
            200,
            {
                "access_token": access_token,
                "refresh_token": refresh_token,
                "access_token_expire": ACCESS_MINUTES,
                "refresh_token_expire": REFRESH_MINUTES,
            },
        )

    def _active(self, access_token):
        claims = self._signer.decode(access_token)
        if (
            claims is None
            or claims["exp"] <= self._clock.now()
            or not self._current(claims["sub"], claims["gen"])
        ):
            return None
        return claims
