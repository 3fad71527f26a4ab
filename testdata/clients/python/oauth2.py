"""A client of oauth2 by Authlib and requests: asks its user with a state and a proof key, refreshes after a 401, and goes on until SIGTERM.
It plays its user's browser itself."""
import html.parser
import os
import signal
import sys
import time
import urllib.parse

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session

BASE = os.environ["GONOGO_BASE_URL"].rstrip("/")
PAGES = os.environ.get("GONOGO_SERVER_PAGES", BASE).rstrip("/")
PACE = float(os.environ.get("PACE", "0.2"))
USER = {"text": os.environ.get("GONOGO_USER_USERNAME"), "password": os.environ.get("GONOGO_USER_PASSWORD")}

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # the library wants https, and a server on loopback may have none
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


class Page(html.parser.HTMLParser):
    """The form of a page, filled in; its first button is pressed."""

    def __init__(self, text):
        super().__init__()
        self.action, self.fields, self.pressed = "", {}, False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "form":
            self.action = a["action"]
        elif tag == "input":
            self.fields[a["name"]] = USER.get(a.get("type")) or a.get("value", "")
        elif tag == "button" and not self.pressed:
            self.pressed, self.fields[a["name"]] = True, a["value"]


def browse(link):
    """Follows the link to the page that asks, approves, and answers where that leads to."""
    with requests.Session() as browser:
        page = browser.get(link, timeout=10)
        form = Page(page.text)
        answer = browser.post(urllib.parse.urljoin(page.url, form.action), form.fields, allow_redirects=False, timeout=10)
        return answer.headers["Location"]


def obey(answer):
    """Waits as long as a server wants that gives no token now."""
    if answer.status_code in (429, 503):
        time.sleep(int(answer.headers.get("Retry-After", "1")))
        raise requests.HTTPError("not now")
    return answer


def session():
    client = OAuth2Session(os.environ["GONOGO_PRIMARY_CLIENT_ID"], os.environ["GONOGO_PRIMARY_CLIENT_SECRET"],
                           redirect_uri=os.environ["GONOGO_PRIMARY_REDIRECT_URI"], code_challenge_method="S256",
                           token_endpoint=BASE + "/token", token_endpoint_auth_method="client_secret_basic")
    for occasion in "access_token_response", "refresh_token_response":
        client.register_compliance_hook(occasion, obey)
    return client


def consent(client):
    verifier = generate_token(48)
    link, state = client.create_authorization_url(PAGES + "/oauth2/authorize", code_verifier=verifier)
    client.fetch_token(BASE + "/token", authorization_response=browse(link), state=state, code_verifier=verifier, timeout=10)


def ready(client):
    """Sees to an access token, by the newest refresh token if there is one; when that is refused, the user is asked again."""
    if not client.token:
        consent(client)
    elif not client.token["access_token"]:
        try:
            client.refresh_token(BASE + "/token", timeout=10)
        except OAuthError as refused:
            if refused.error == "invalid_grant":
                client.token = None
            raise


def call(client):
    ready(client)
    answer = client.get(BASE + "/resource", allow_redirects=False, timeout=10)
    if answer.status_code == 401:
        client.token["access_token"] = ""  # a token that was refused is not sent again
    elif answer.status_code == 403:
        time.sleep(10)
    return obey(answer).status_code


client = session()
while True:
    try:
        if call(client) == 401 and call(client) == 401:
            time.sleep(10)
    except (requests.RequestException, OAuthError, KeyError, ValueError):
        time.sleep(1)
    time.sleep(PACE)
