"""The Point of Sale admin API: Basic for the app, password grant for its users."""

import hmac
import secrets
import threading
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone

from security import NOBODY, ExpiringStore, PasswordHash, digest
from web import ApiError, Dialect, InvalidField, MalformedBody, Response
from web import invalid_token, route, text

REALM = "pos"
ACCESS_SECONDS = 1800
REFRESH_SECONDS = 14 * 86400
BASIC_CHALLENGE = ("WWW-Authenticate", f'Basic realm="{REALM}", charset="UTF-8"')


@dataclass
class User:
    id: str
    client_id: str
    user_name: str
    password: PasswordHash
    created_at: str

    def resource(self):
        return {
            "id": self.id,
            "user_name": self.user_name,
            "created_at": self.created_at,
        }


@dataclass
class Grant:
    """What a refresh token stands for."""

    user: User
    access_token: str


class Pos(Dialect):
    def __init__(self, clock, clients):
        super().__init__()
        self._clock = clock
        self._clients = {name: digest(secret) for name, secret in clients.items()}
        self._lock = threading.Lock()  # for the two tables below
        self._users = {}  # (client_id, user_name) -> User
        self._items = {}  # (client_id, kind) -> {id: item}
        self._access_tokens = ExpiringStore(clock, ACCESS_SECONDS)
        self._refresh_tokens = ExpiringStore(clock, REFRESH_SECONDS)

    # Step 1: create account

    @route("POST", "/users")
    def create_user(self, request):
        # Step 1 has the app create the first account; step 2 has logged-in
        # admins "creating users". Hence Basic or Bearer.
        if request.authorization()[0] == "bearer":
            client_id = self._admin(request).client_id
        else:
            client_id = self._client(request)
        data = self._fields(request)
        user_name, password = text(data, "user_name"), text(data, "password")
        self._check_grant_type(text(data, "grant_type"))
        user = User(
            str(uuid.uuid4()),
            client_id,
            user_name,
            PasswordHash(password),
            datetime.fromtimestamp(int(self._clock.now()), timezone.utc).isoformat(),
        )
        with self._lock:
            if self._users.setdefault((client_id, user_name), user) is not user:
                raise ApiError(409, "This user_name is taken", "user_exists")
        return Response(201, user.resource(), [("Location", f"/users/{user.id}")])

    # Step 2: log in as the admin

    @route("POST", "/auth/token")
    def log_in(self, request):
        client_id = self._client(request)
        data = self._fields(request)
        user_name, password = text(data, "user_name"), text(data, "password")
        # RFC 6749 wants it, the document mentions it for /users only.
        if "grant_type" in data:
            self._check_grant_type(text(data, "grant_type"))
        user = self._users.get((client_id, user_name))
        if not (user.password if user else NOBODY).matches(password) or not user:
            raise ApiError(400, "Wrong user_name or password", "invalid_grant")
        return self._issue(user)

    @route("POST", "/auth/refresh-token")
    def refresh(self, request):
        # "using the refresh_token value in the authorization header": the only
        # scheme for a value like this is Bearer.
        grant = self._refresh_tokens.take(request.bearer(REALM))
        if grant is None:
            raise invalid_token(REALM)
        self._access_tokens.take(grant.access_token)
        return self._issue(grant.user)

    # Protected endpoints: "creating users and dishes or adding/updating ingredients"

    @route("GET", "/users")
    def list_users(self, request):
        client_id = self._admin(request).client_id
        with self._lock:
            users = [u for u in self._users.values() if u.client_id == client_id]
        return Response(200, [user.resource() for user in users])

    @route("GET", "/users/{user_id}")
    def get_user(self, request, user_id):
        for resource in self.list_users(request).body:
            if resource["id"] == user_id:
                return Response(200, resource)
        raise ApiError(404, "No such user", "not_found")

    @route("GET", "/dishes")
    def list_dishes(self, request):
        return self._list_items(request, "dishes")

    @route("POST", "/dishes")
    def add_dish(self, request):
        return self._add_item(request, "dishes")

    @route("GET", "/ingredients")
    def list_ingredients(self, request):
        return self._list_items(request, "ingredients")

    @route("POST", "/ingredients")
    def add_ingredient(self, request):
        return self._add_item(request, "ingredients")

    @route("PUT", "/ingredients/{item_id}")
    def update_ingredient(self, request, item_id):
        client_id = self._admin(request).client_id
        item = {"id": item_id, "name": text(self._fields(request), "name")}
        with self._lock:
            items = self._items.get((client_id, "ingredients"), {})
            if item_id not in items:
                raise ApiError(404, "No such ingredient", "not_found")
            items[item_id] = item
        return Response(200, item)

    def render(self, error):
        """The error bodies of RFC 6749, section 5.2."""
        if isinstance(error, (MalformedBody, InvalidField)):
            code = "invalid_request"
        else:
            code = error.code or error.status.name.lower()
        body = {"error": code, "error_description": error.message}
        return Response(error.status, body, error.headers)

    def _list_items(self, request, kind):
        client_id = self._admin(request).client_id
        with self._lock:
            items = list(self._items.get((client_id, kind), {}).values())
        return Response(200, items)

    def _add_item(self, request, kind):
        client_id = self._admin(request).client_id
        name = text(self._fields(request), "name")
        item = {"id": str(uuid.uuid4()), "name": name}
        with self._lock:
            self._items.setdefault((client_id, kind), {})[item["id"]] = item
        return Response(201, item)

    def _client(self, request):
        """The client_id of the Basic header, RFC 7617 and RFC 6749, section 2.3.1."""
        client_id, secret = request.basic() or ("", "")
        expected = self._clients.get(client_id, b"")
        if not hmac.compare_digest(expected, digest(secret)):
            raise ApiError(
                401, "Client authentication failed", "invalid_client", [BASIC_CHALLENGE]
            )
        return client_id

    def _admin(self, request):
        """The logged-in user of the Bearer header."""
        user = self._access_tokens.get(request.bearer(REALM))
        if user is None:
            raise invalid_token(REALM)
        return user

    @staticmethod
    def _fields(request):
        # "properties in the request body" sounds like JSON, the password grant
        # of RFC 6749 is a form; the Content-Type tells them apart.
        if request.content_type == "application/x-www-form-urlencoded":
            return request.form()
        if request.content_type in ("", "application/json"):
            return request.json()
        raise ApiError(415, "Send a form or application/json", "invalid_request")

    @staticmethod
    def _check_grant_type(grant_type):
        if grant_type != "password":
            raise ApiError(
                400, 'grant_type must be "password"', "unsupported_grant_type"
            )

    def _issue(self, user):
        # "The UUID used for authentication": version 4, all from `secrets`.
        access_token = str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))
        refresh_token = secrets.token_urlsafe(32)
        self._access_tokens.add(access_token, user)
        self._refresh_tokens.add(refresh_token, Grant(user, access_token))
        return Response(
            201,  # so the document says, though RFC 6749 has 200
            {
                "access_token": access_token,
                "expires_in": ACCESS_SECONDS,
                "refresh_token": refresh_token,
                "token_type": "Bearer",
            },
        )
