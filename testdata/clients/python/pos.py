"""A client of pos by Python's standard library: makes an account, logs in, refreshes after a 401, and goes on until SIGTERM."""
import base64
import json
import os
import secrets
import signal
import sys
import time
import urllib.error
import urllib.request

BASE = os.environ["GONOGO_BASE_URL"].rstrip("/")
PACE = float(os.environ.get("PACE", "0.2"))
BASIC = "Basic " + base64.b64encode(":".join((os.environ["GONOGO_PRIMARY_CLIENT_ID"], os.environ["GONOGO_PRIMARY_CLIENT_SECRET"])).encode()).decode()

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None  # urllib would take the Authorization header along to any host


opener = urllib.request.build_opener(NoRedirects)


def post(path, authorization, body=None):
    """Posts, and answers the status and the members; a server that wants a pause gets it. 0 is no answer."""
    data = json.dumps(body).encode() if body is not None else b""
    headers = {"Authorization": authorization}
    if body is not None:
        headers["Content-Type"] = "application/json"
    try:
        with opener.open(urllib.request.Request(BASE + path, data, headers, method="POST"), timeout=10) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as refused:
        after = refused.headers.get("Retry-After", "1")
        if refused.code in (429, 503):
            time.sleep(int(after) if after.isdigit() else 1)
        elif refused.code == 403:
            time.sleep(10)
        return refused.code, {}
    except (OSError, ValueError):
        return 0, {}


def register():
    user = {"user_name": "admin-" + secrets.token_hex(8), "password": secrets.token_urlsafe(24)}
    status, _ = post("/users", BASIC, {**user, "grant_type": "password"})
    return user if status == 201 else None


def login(user):
    status, tokens = post("/auth/token", BASIC, user)
    if status != 201:
        time.sleep(10 if 400 <= status < 500 else 1)
    return tokens if status == 201 else None


def refresh(user, tokens):
    """Trades the newest refresh token for a new pair. What is refused is given up; a lost answer is worth one more try."""
    for _ in range(2):
        status, new = post("/auth/refresh-token", "Bearer " + tokens["refresh_token"])
        if status == 201:
            return new
        if status in (403, 429, 503):
            return tokens
        if 400 <= status < 500:
            break
    return login(user)


def call(tokens):
    name = secrets.token_hex(8)
    return post("/ingredients", "Bearer " + tokens["access_token"], {"display_name": "Ingredient " + name, "name": "ingredient-" + name, "in_stock_qty": 12})[0]


user = tokens = None
while True:
    user = user or register()
    if not user:
        time.sleep(1)
        continue
    for _ in range(2):
        if not tokens:
            tokens = login(user)
        elif not tokens["access_token"]:
            tokens = refresh(user, tokens)
        if not tokens or not tokens["access_token"] or call(tokens) != 401:
            break
        tokens["access_token"] = ""  # a token that was refused is not sent again
    else:
        time.sleep(10)
    time.sleep(PACE)
