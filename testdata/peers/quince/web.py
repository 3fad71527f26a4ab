"""A very small web framework on top of http.server, shared by the dialects."""

import base64
import json
import re
import socket
import socketserver
import sys
import traceback
from dataclasses import dataclass, field
from email.message import Message
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

MAX_BODY = 64 * 1024
B64TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")  # RFC 6750, section 2.1


class ApiError(Exception):
    """A refusal. The dialect which owns the path decides how it looks."""

    def __init__(self, status, message, code=None, headers=()):
        super().__init__(message)
        self.status = HTTPStatus(status)
        self.message = message
        self.code = code
        self.headers = list(headers)


class MalformedBody(ApiError):
    """The body does not parse."""

    def __init__(self, message):
        super().__init__(400, message)


class InvalidField(ApiError):
    """The body parses, but a field is missing or wrong."""

    def __init__(self, name, message):
        super().__init__(400, f"{name}: {message}" if name else message)
        self.name = name
        self.problem = message


@dataclass
class Response:
    status: int
    body: object = None
    headers: list = field(default_factory=list)


def _reject_constant(name):
    raise ValueError(f"{name} is not JSON")  # Python would take NaN, RFC 8259 does not


@dataclass
class Request:
    method: str
    path: str
    headers: Message
    body: bytes
    peer: str  # address of the socket's other end; no header has a say in it

    @property
    def content_type(self):
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def json(self):
        """The body as a JSON object, whatever the Content-Type claims."""
        try:
            data = json.loads(self.body.decode(), parse_constant=_reject_constant)
        except (ValueError, RecursionError):
            raise MalformedBody("Request body is not valid JSON") from None
        if not isinstance(data, dict):
            raise InvalidField(None, "Request body must be a JSON object")
        return data

    def form(self):
        try:
            pairs = parse_qsl(
                self.body.decode(),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=100,
            )
        except ValueError:
            raise MalformedBody("Request body is not a valid form") from None
        data = dict(pairs)
        if len(data) != len(pairs):  # RFC 6749, section 3.2
            raise InvalidField(None, "Parameters must not be repeated")
        return data

    def authorization(self):
        """(scheme in lower case, credentials), both empty without the header."""
        values = self.headers.get_all("Authorization", [])
        if len(values) > 1:
            raise ApiError(400, "Authorization given more than once", "invalid_request")
        scheme, _, credentials = "".join(values).strip().partition(" ")
        return scheme.lower(), credentials.strip()

    def bearer(self, realm):
        """The Bearer token (RFC 6750, section 2.1) or a 401."""
        scheme, token = self.authorization()
        if scheme != "bearer":
            # Section 3.1: no error code for those who did not even try.
            raise ApiError(
                401,
                "Bearer token required",
                "unauthorized",
                [("WWW-Authenticate", f'Bearer realm="{realm}"')],
            )
        if not B64TOKEN.fullmatch(token):
            raise invalid_token(realm)
        return token

    def basic(self):
        """(user-id, password) of RFC 7617, or None."""
        scheme, credentials = self.authorization()
        if scheme != "basic":
            return None
        try:
            decoded = base64.b64decode(credentials, validate=True).decode()
        except ValueError:
            return None
        user, colon, password = decoded.partition(":")
        return (user, password) if colon else None


def invalid_token(realm):
    """RFC 6750, section 3.1: expired, revoked, malformed - not told apart."""
    challenge = f'Bearer realm="{realm}", error="invalid_token"'
    return ApiError(
        401,
        "The token is invalid or expired",
        "invalid_token",
        [("WWW-Authenticate", challenge)],
    )


def text(data, name):
    """A required, non-empty string field."""
    if name not in data:
        raise InvalidField(name, "Field required")
    value = data[name]
    # JSON can spell lone surrogates ("\ud800"), which no UTF-8 text contains.
    if not isinstance(value, str) or not value or not _encodable(value):
        raise InvalidField(name, "Must be a non-empty string")
    return value


def _encodable(value):
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def route(method, path):
    """Mark a method of a Dialect as the handler of `method path`."""

    def mark(function):
        function.route = (method, path)
        return function

    return mark


class Dialect:
    """One API: its routes, and the look of its errors."""

    prefix = None  # unknown paths below it get this dialect's errors as well

    def __init__(self):
        self._routes = []
        for function in vars(type(self)).values():
            if hasattr(function, "route"):
                method, path = function.route
                pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)
                handler = function.__get__(self)
                self._routes.append((method, re.compile(pattern), handler))

    def owns(self, path):
        if self.prefix and path.startswith(self.prefix):
            return True
        return any(pattern.fullmatch(path) for _, pattern, _ in self._routes)

    def dispatch(self, request):
        handlers = {}
        for method, pattern, handler in self._routes:
            if match := pattern.fullmatch(request.path):
                handlers[method] = (handler, match.groupdict())
        if not handlers:
            raise ApiError(404, "Not Found")
        wanted = "GET" if request.method == "HEAD" else request.method
        if wanted not in handlers:
            allow = sorted(handlers) + (["HEAD"] if "GET" in handlers else [])
            headers = [("Allow", ", ".join(allow))]
            raise ApiError(405, "Method Not Allowed", headers=headers)
        handler, arguments = handlers[wanted]
        return handler(request, **arguments)

    def render(self, error):
        return Response(error.status, {"detail": error.message}, error.headers)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Otherwise refusals of unreadable request lines go out without status line.
    default_request_version = "HTTP/1.0"
    timeout = 30  # per socket operation; also ends idle keep-alive connections
    disable_nagle_algorithm = True

    def handle_one_request(self):
        # Differs from the inherited one in sending *every* method to the
        # dialects: an unknown method is their 405, not a 501.
        try:
            self.raw_requestline = self.rfile.readline(65537)
            if len(self.raw_requestline) > 65536:
                self.requestline = self.request_version = self.command = ""
                self.send_error(HTTPStatus.REQUEST_URI_TOO_LONG)
            elif not self.raw_requestline:
                self.close_connection = True
            elif self.parse_request():
                self._serve()
        except (TimeoutError, ConnectionError):
            self.close_connection = True

    def _serve(self):
        dialect = self.server.fallback
        try:
            path = self._checked_path()
            dialect = next((d for d in self.server.dialects if d.owns(path)), dialect)
            body = self._read_body()
            request = Request(
                self.command, path, self.headers, body, self.client_address[0]
            )
            response = dialect.dispatch(request)
        except ApiError as error:
            response = dialect.render(error)
        except Exception as error:
            # Frames only: the message of an exception may quote a secret.
            print(f"unhandled {type(error).__name__}", file=sys.stderr)
            traceback.print_tb(error.__traceback__)
            self.close_connection = True
            response = dialect.render(ApiError(500, "Internal Server Error"))
        self._send(response)
        if response.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            self._drain()

    def _checked_path(self):
        hosts = self.headers.get_all("Host", [])
        required = self.request_version != "HTTP/1.0"
        if self.headers.defects or len(hosts) > 1 or (required and not hosts):
            self.close_connection = True  # the framing cannot be trusted
            raise ApiError(400, "Malformed request headers", "invalid_request")
        try:
            return unquote(urlsplit(self.path).path)
        except ValueError:
            self.close_connection = True  # before the body was read
            raise ApiError(400, "Malformed URL", "invalid_request") from None

    def _read_body(self):
        """Read the body even where none is wanted, to find the next request."""
        lengths = self.headers.get_all("Content-Length", [])
        codings = self.headers.get_all("Transfer-Encoding", [])
        was_closing, self.close_connection = self.close_connection, True
        if codings:
            # RFC 9112, section 6.1: both at once smells of request smuggling.
            if lengths or [c.strip().lower() for c in codings] != ["chunked"]:
                raise ApiError(400, "Unsupported transfer encoding", "invalid_request")
            body = self._read_chunks()
        elif lengths:
            if len(lengths) > 1 or not re.fullmatch("[0-9]{1,18}", lengths[0]):
                raise ApiError(400, "Malformed Content-Length", "invalid_request")
            body = self._read_exactly(int(lengths[0]))
        else:
            body = b""
        self.close_connection = was_closing  # as the body ended where it should
        return body

    def _read_exactly(self, size, limit=MAX_BODY):
        if size > limit:
            raise ApiError(413, "Request body too large", "invalid_request")
        data = self.rfile.read(size)
        if len(data) < size:
            raise MalformedBody("Request body is incomplete")
        return data

    def _read_chunks(self):
        body = b""
        while True:
            size = self.rfile.readline(1024).partition(b";")[0].strip()
            if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", size):
                raise MalformedBody("Malformed chunk")
            if int(size, 16) == 0:
                break
            body += self._read_exactly(int(size, 16), MAX_BODY - len(body))
            if self.rfile.readline(3) != b"\r\n":
                raise MalformedBody("Malformed chunk")
        for _ in range(100):  # trailers, which nobody needs
            if self.rfile.readline(8192) in (b"\r\n", b"\n", b""):
                return body
        raise MalformedBody("Too many trailers")

    def _send(self, response):
        payload = json.dumps(response.body).encode()
        self.send_response(response.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        # RFC 6749, section 5.1; everything here is a token or behind one.
        self.send_header("Cache-Control", "no-store")
        self.send_header("Pragma", "no-cache")
        for name, value in response.headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    def _drain(self):
        """Closing on unread data resets the connection and may eat our answer."""
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(2)
        for _ in range(64):
            if not self.rfile.read1(MAX_BODY):
                break

    def send_error(self, code, message=None, explain=None):
        # Called by the base class for requests it cannot parse.
        self.close_connection = True
        error = ApiError(code, HTTPStatus(code).phrase, "invalid_request")
        self._send(self.server.fallback.render(error))

    def date_time_string(self, timestamp=None):
        return formatdate(self.server.clock.now(), usegmt=True)

    def version_string(self):
        return "quince"

    def log_message(self, format, *args):
        """No access log: request lines are written by others and may hold secrets."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self, address, clock, dialects):
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        self.clock = clock
        self.dialects = dialects
        self.fallback = Dialect()  # speaks for paths which nobody owns
        super().__init__(address, Handler)

    def server_bind(self):
        # HTTPServer's own version asks the DNS for our name; nobody needs it.
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request, client_address):
        # Peers vanish; anything else than that is a bug worth a line.
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            print(f"connection ended by {type(error).__name__}", file=sys.stderr)
