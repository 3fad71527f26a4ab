// A client of b2b: a timer looks every two seconds whether it is time to refresh, five minutes before the end by its own clock, and around
// every request is one that waits as Retry-After says.
const base = process.env.GONOGO_BASE_URL.replace(/\/$/, "");
let tokens = null, refreshing = null;
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
async function post(path, body, headers = {}) {
  return fetch(base + path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body), redirect: "manual", signal: AbortSignal.timeout(10000) });
}
async function retrying(send) {           // middleware: 429 and 503 wait as told, at most five times
  for (let i = 0; ; i++) {
    const r = await send();
    if ((r.status !== 429 && r.status !== 503) || i >= 5) return r;
    await r.arrayBuffer();
    await sleep(1000 * Number(r.headers.get("retry-after") ?? 2 ** i));
  }
}
function take(a) {
  if (a.success === false || !a.data?.access_token) throw new Error("no success");
  const d = a.data;
  tokens = { access: d.access_token, refresh: d.refresh_token, ends: Date.parse(d.access_expires_at) };
}
async function login() {
  const r = await retrying(() => post("/auth/login", { username: process.env.GONOGO_PRIMARY_USERNAME, password: process.env.GONOGO_PRIMARY_PASSWORD }));
  if (!r.ok) throw new Error("login " + r.status);
  take(await r.json());
}
function renew() {
  return (refreshing ??= (async () => {
    try {
      for (let i = 0; tokens && i < 2; i++) {
        let r;
        try { r = await retrying(() => post("/auth/refresh", { refresh_token: tokens.refresh })); } catch { continue; }
        if (r.ok) { try { take(await r.json()); return; } catch { break; } }
        break;
      }
      tokens = null;
      await login();
    } finally { refreshing = null; }
  })());
}
setInterval(() => { if (tokens && Date.now() > tokens.ends - 300_000) renew().catch(() => {}); }, Number(process.env.EVERY ?? 2000));
process.on("SIGTERM", () => process.exit(0));
for (;;) {
  try {
    if (!tokens) await renew();
    const t = tokens;
    const r = await retrying(() => fetch(base + "/api/v1/products", { headers: { authorization: "Bearer " + t.access }, redirect: "manual", signal: AbortSignal.timeout(10000) }));
    await r.arrayBuffer();
    if (r.status === 401) { if (tokens === t) await renew(); }
    else if (r.status === 403) await sleep(5000);
  } catch (e) { await sleep(1000); }
  await sleep(150);
}
