"""A client of kitchenhub: a pool of three worker processes that share their tokens in a file. Each refreshes when four fifths of the life are
over, by its own clock, or on a 401."""
import fcntl
import json
import multiprocessing
import os
import signal
import sys
import time
import urllib.error
import urllib.request

base = os.environ["GONOGO_BASE_URL"].rstrip("/")
cache = sys.argv[1]
cid, secret = os.environ["GONOGO_PRIMARY_CLIENT_ID"], os.environ["GONOGO_PRIMARY_CLIENT_SECRET"]

class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *a): return None
opener = urllib.request.build_opener(NoRedirect)

def http(method, path, body=None, token=None):
    h = {"Content-Type": "application/json"} if body is not None else {}
    if token: h["Authorization"] = "Bearer " + token
    r = urllib.request.Request(base + path, method=method, data=json.dumps(body).encode() if body is not None else None, headers=h)
    try:
        with opener.open(r, timeout=10) as a: return a.status, dict(a.headers), json.loads(a.read() or b"{}")
    except urllib.error.HTTPError as e: return e.code, dict(e.headers), {}
    except Exception: return 0, {}, {}

def load():
    try: return json.load(open(cache))
    except Exception: return {}

def save(t):
    with open(cache + ".new", "w") as f: json.dump(t, f)
    os.replace(cache + ".new", cache)

def keep(a):
    return {"access": a["access_token"], "refresh": a["refresh_token"], "fresh_until": time.time() + 0.8 * 60 * a["access_token_expire"]}

def token(refused=None):
    t = load()
    if t.get("access") and t["access"] != refused and time.time() < t["fresh_until"]: return t["access"]
    with open(cache + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        t = load()
        if t.get("access") and t["access"] != refused and time.time() < t["fresh_until"]: return t["access"]
        if t.get("not_before", 0) > time.time(): return None
        for attempt in range(2):
            if not t.get("refresh"): break
            s, h, a = http("POST", "/v2/auth/refresh", {"refresh_token": t["refresh"]})
            if s == 200: save(keep(a)); return a["access_token"]
            if s in (429, 503): save(dict(t, access="", not_before=time.time() + int(h.get("Retry-After", 1)))); return None
            if s: t = {}
        s, h, a = http("POST", "/v2/auth/token", {"client_id": cid, "client_secret": secret})
        if s == 200: save(keep(a)); return a["access_token"]
        save({"not_before": time.time() + int(h.get("Retry-After", 2))})
        return None

def work(n):
    while True:
        t = token()
        if t:
            s, h, _ = http("GET", "/v2/orders", token=t)
            if s == 401:
                t = token(refused=t)
                if t: s, h, _ = http("GET", "/v2/orders", token=t)
            if s == 403: time.sleep(3)
            if s in (429, 503): time.sleep(int(h.get("Retry-After", 1)))
        time.sleep(0.25)

if __name__ == "__main__":
    for n in range(3):
        multiprocessing.Process(target=work, args=(n,), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        time.sleep(1)
