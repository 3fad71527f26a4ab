"""The B2B API: JWT pairs in an envelope, allow-lists of addresses, revocation."""

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime, timezone

from security import NOBODY, ExpiringStore, JwtSigner, PasswordHash
from web import ApiError, Dialect, InvalidField, MalformedBody, Response
from web import invalid_token, route, text

REALM = "b2b"
ACCESS_SECONDS = 3600  # "Lifetime: 1 hour"
REFRESH_SECONDS = 7 * 86400  # "Lifetime: 7 days"

# "Common Error Codes", and likewise named ones for what the table leaves out.
ERROR_NAMES = {
    400: ("ValidationException", "VALIDATION_FAILURE"),
    401: ("UnauthorizedError", "UNAUTHORIZED"),
    403: ("ForbiddenError", "FORBIDDEN"),
    404: ("NotFoundError", "NOT_FOUND"),
    405: ("MethodNotAllowedError", "METHOD_NOT_ALLOWED"),
    413: ("PayloadTooLargeError", "PAYLOAD_TOO_LARGE"),
    500: ("InternalServerError", "INTERNAL_SERVER_ERROR"),
}


@dataclass
class Account:
    client_id: int
    password: PasswordHash
    networks: list

    def check_address(self, peer):
        """ "If no whitelist entries are configured, all IPs are allowed." """
        address = ipaddress.ip_address(peer)
        # A dual-stack socket shows IPv4 peers as ::ffff:a.b.c.d.
        address = getattr(address, "ipv4_mapped", None) or address
        if self.networks and not any(address in network for network in self.networks):
            raise ApiError(403, "IP address not authorized")


def envelope(data):
    return Response(200, {"success": True, "data": data})


def timestamp(seconds):
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class B2B(Dialect):
    prefix = "/api/v1/"

    def __init__(self, clock, accounts):
        super().__init__()
        self._clock = clock
        self._signer = JwtSigner(REALM)
        self._by_username = {}
        self._by_id = {}
        for client_id, username, password, entries in accounts:
            networks = [ipaddress.ip_network(entry) for entry in entries]
            account = Account(client_id, PasswordHash(password), networks)
            self._by_username[username] = self._by_id[client_id] = account
        # JWTs stand for themselves; only what ends them early is remembered,
        # for as long as one of the tokens concerned may live.
        self._spent = ExpiringStore(clock, REFRESH_SECONDS)
        self._revoked = ExpiringStore(clock, REFRESH_SECONDS + ACCESS_SECONDS)

    @route("POST", "/auth/login")
    def login(self, request):
        data = request.json()
        username, password = text(data, "username"), text(data, "password")
        account = self._by_username.get(username)
        # The address comes first: "Requests from non-whitelisted IPs will
        # receive a 403", so they cannot try passwords.
        if account:
            account.check_address(request.peer)
        if not (account.password if account else NOBODY).matches(password) or not account:
            challenge = ("WWW-Authenticate", f'Bearer realm="{REALM}"')
            raise ApiError(401, "Invalid credentials", headers=[challenge])
        return self._issue(account, session=secrets.token_hex(16))

    @route("POST", "/auth/refresh")
    def refresh(self, request):
        token = text(request.json(), "refresh_token")
        claims, account = self._verify(token, "refresh", request.peer)
        # The first one to enter a token among the spent ones wins.
        if not self._spent.add(claims["jti"]):
            raise invalid_token(REALM)
        return self._issue(account, claims["sid"])

    @route("POST", "/auth/revoke")
    def revoke(self, request):
        """Ends the session of an access or refresh token, in the way of RFC 7009.

        A token that means nothing (any more) is a success too (section 2.2).
        """
        claims = self._signer.decode(text(request.json(), "token"))
        if claims:
            self._by_id[int(claims["sub"])].check_address(request.peer)
            self._revoked.add(claims["sid"])
        return envelope({"revoked": True})

    @route("GET", "/api/v1/products")
    def products(self, request):
        self._authenticate(request)
        return envelope([{"id": 1, "name": "Rye flour", "category_id": 1}])

    @route("GET", "/api/v1/categories")
    def categories(self, request):
        self._authenticate(request)
        return envelope([{"id": 1, "name": "Baking"}])

    def render(self, error):
        name, code = ERROR_NAMES[error.status]
        if isinstance(error, MalformedBody):
            name, code = "SyntaxError", "SYNTAX_ERROR"
        body = {"error": {"name": name, "code": code, "message": error.message}}
        if isinstance(error, InvalidField) and error.name:
            body["error"]["field"] = error.name
        return Response(error.status, body, error.headers)

    def _authenticate(self, request):
        self._verify(request.bearer(REALM), "access", request.peer)

    def _verify(self, token, use, peer):
        """Claims and account of a live token of the given use."""
        claims = self._signer.decode(token)
        if (
            claims is None
            or claims["use"] != use
            or claims["exp"] <= self._clock.now()
            or claims["sid"] in self._revoked
        ):
            raise invalid_token(REALM)
        account = self._by_id[int(claims["sub"])]
        account.check_address(peer)
        return claims, account

    def _issue(self, account, session):
        issued = int(self._clock.now())

        def sign(use, lifetime):
            return self._signer.encode(
                {
                    "sub": str(account.client_id),
                    "sid": session,
                    "jti": secrets.token_hex(16),
                    "use": use,
                    "iat": issued,
                    "exp": issued + lifetime,
                }
            )

        return envelope(
            {
                "access_token": sign("access", ACCESS_SECONDS),
                "refresh_token": sign("refresh", REFRESH_SECONDS),
                "access_expires_at": timestamp(issued + ACCESS_SECONDS),
                "refresh_expires_at": timestamp(issued + REFRESH_SECONDS),
                "client_id": account.client_id,
            }
        )
