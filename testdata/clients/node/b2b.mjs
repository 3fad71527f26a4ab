// A client of b2b by nothing but fetch: logs in, refreshes five minutes before the announced end, as the page wants it, and goes on until
// SIGTERM.
const base = process.env.GONOGO_BASE_URL.replace(/\/$/, '');
const { GONOGO_PRIMARY_USERNAME: username, GONOGO_PRIMARY_PASSWORD: password, GONOGO_CONTROL_URL: control, PACE = '0.2' } = process.env;
const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
process.on('SIGTERM', () => process.exit(0));

// now is the time that the API goes by, in milliseconds.
async function now() {
  if (!control) return Date.now();
  return Date.parse((await (await fetch(`${control}/__control/clock`)).json()).now);
}

let tokens; // {access, refresh, ends}, or nothing

// request answers a status and the members of the answer; a server that wants a pause gets it.
async function request(path, init) {
  const answer = await fetch(base + path, { redirect: 'manual', signal: AbortSignal.timeout(10_000), ...init });
  const text = await answer.text();
  if (answer.status === 429 || answer.status === 503) await sleep(Number(answer.headers.get('retry-after')) || 1);
  if (answer.status === 403) await sleep(10); // the address is not let in, and trying again does not help
  let body = {};
  try { body = JSON.parse(text); } catch { /* an answer that is no JSON has no members */ }
  return { status: answer.status, ok: answer.ok, body };
}

const post = (path, body) => request(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

// keep takes the tokens of a success out of its envelope.
async function keep({ ok, body }) {
  if (!ok || !body?.success || !body.data?.access_token) return false;
  const ends = Date.parse(body.data.access_expires_at);
  tokens = { access: body.data.access_token, refresh: body.data.refresh_token, ends: Number.isNaN(ends) ? (await now()) + 3_600_000 : ends };
  return true;
}

async function login() {
  tokens = undefined;
  const answer = await post('/auth/login', { username, password });
  if (!(await keep(answer))) await sleep(answer.status >= 400 && answer.status < 500 ? 10 : 1);
}

// refresh trades both tokens for new ones. One that is refused is given up; one whose answer is lost is tried once more.
async function refresh() {
  for (let tries = 0; tries < 2; tries++) {
    let answer;
    try { answer = await post('/auth/refresh', { refresh_token: tokens.refresh }); } catch { continue; }
    if ((await keep(answer)) || [403, 429, 503].includes(answer.status)) return;
    if (answer.status < 500) break;
  }
  await login();
}

// ready sees to a token that is good for a call.
async function ready() {
  if (!tokens) await login();
  else if ((await now()) >= tokens.ends - 5 * 60_000) await refresh();
  return tokens && (await now()) < tokens.ends;
}

const call = () => request('/api/v1/products', { headers: { Authorization: `Bearer ${tokens.access}`, 'Content-Type': 'application/json' } });

for (;;) {
  try {
    if ((await ready()) && (await call()).status === 401) {
      tokens.ends = 0; // a token that was refused is not sent again
      if ((await ready()) && (await call()).status === 401) {
        tokens.ends = 0;
        await sleep(10);
      }
    }
  } catch {
    await sleep(1); // nobody answers
  }
  await sleep(Number(PACE));
}
