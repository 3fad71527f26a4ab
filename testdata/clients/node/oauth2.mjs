// A client of oauth2 by openid-client: reads the issuer's metadata, asks its user with a state and a proof key, refreshes after a 401, and goes
// on until SIGTERM. It plays its user's browser itself.
import * as client from 'openid-client';

const { GONOGO_PRIMARY_CLIENT_ID: id, GONOGO_PRIMARY_CLIENT_SECRET: secret, GONOGO_PRIMARY_REDIRECT_URI: redirect_uri, PACE = '0.2' } = process.env;
const base = new URL(process.env.GONOGO_BASE_URL);
const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
let tokens; // the members of the token answer, or nothing
process.on('SIGTERM', () => process.exit(0));

const plain = base.protocol === 'http:';
const config = await client.discovery(base, id, secret, client.ClientSecretBasic(secret), { algorithm: 'oauth2', execute: plain ? [client.allowInsecureRequests] : [] });

// browse follows a link to the page that asks, fills it in, and answers with where that leads to.
async function browse(link) {
  const page = await fetch(link);
  const html = await page.text();
  const attribute = (tag, name) => tag.match(new RegExp(`${name}="([^"]*)"`))?.[1].replaceAll('&amp;', '&').replaceAll('&#43;', '+');
  const form = new URLSearchParams();
  for (const [tag] of html.matchAll(/<input[^>]*>/g)) {
    const value = { text: process.env.GONOGO_USER_USERNAME, password: process.env.GONOGO_USER_PASSWORD }[attribute(tag, 'type')];
    form.set(attribute(tag, 'name'), value ?? attribute(tag, 'value'));
  }
  const [button] = html.match(/<button[^>]*>/); // the first approves
  form.set(attribute(button, 'name'), attribute(button, 'value'));
  const action = new URL(attribute(html.match(/<form[^>]*>/)[0], 'action'), page.url);
  const answer = await fetch(action, { method: 'POST', body: form, redirect: 'manual', headers: { Cookie: page.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ') } });
  return new URL(answer.headers.get('location'));
}

// consent asks the user, and exchanges the code.
async function consent() {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const link = client.buildAuthorizationUrl(config, {
    redirect_uri, state, code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256',
  });
  return client.authorizationCodeGrant(config, await browse(link), { pkceCodeVerifier, expectedState: state });
}

// ready sees to an access token, by the newest refresh token if there is one; when that is refused, the user is asked again.
async function ready() {
  if (tokens?.access_token) return;
  try {
    tokens = tokens?.refresh_token ? { ...tokens, ...await client.refreshTokenGrant(config, tokens.refresh_token) } : await consent();
  } catch (problem) {
    if (problem.error === 'invalid_grant' || problem.status === 401) tokens = undefined;
    throw problem;
  }
}

// call uses the access token; one that is refused is not sent again.
async function call() {
  await ready();
  const answer = await fetch(new URL('/resource', base), { headers: { Authorization: `Bearer ${tokens.access_token}` }, redirect: 'manual' });
  if (answer.status === 401) tokens.access_token = undefined;
  return answer;
}

for (;;) {
  try {
    let answer = await call();
    if (answer.status === 401) answer = await call();
    if (answer.status === 401 || answer.status === 403) await sleep(10);
    if (answer.status === 429 || answer.status === 503) await sleep(Number(answer.headers.get('retry-after')) || 1);
  } catch (problem) {
    await sleep(Number(problem.response?.headers?.get('retry-after')) || 1);
  }
  await sleep(Number(PACE));
}
