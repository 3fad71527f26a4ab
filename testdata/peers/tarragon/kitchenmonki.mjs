// Dialect 1: "Authentication" of the Kitchen Monki API - OAuth 2.0 (RFC 6749) with bearer
// tokens (RFC 6750). The API host and the consent page's host share this one listener.

import { createHash } from 'node:crypto';
import { MONKI_CLIENTS, MONKI_USERS } from './accounts.mjs';
import { HttpError, Params, allowMethods, readAuthorization, readCookie, readParams, sendJson, unescapeForm } from './http.mjs';
import { consentPage, errorPage, popupPage, sendPage, signInPage } from './pages.mjs';
import { ExpiringStore, newToken, sameSecret } from './secrets.mjs';

const HOUR = 3600;
const TWO_WEEKS = 14 * 24 * HOUR;
const MAX_OPEN_TRANSACTIONS = 20; // per session: consent pages opened but not answered

// "Authorization codes expire in 30 seconds", "Access tokens expire in one hour",
// "refresh tokens do not expire for two weeks".
const codes = new ExpiringStore(30);
const accessTokens = new ExpiringStore(HOUR);
const refreshTokens = new ExpiringStore(TWO_WEEKS);
const spentCodes = new ExpiringStore(TWO_WEEKS); // as long as tokens issued from them may live
const sessions = new ExpiringStore(HOUR);
const queues = new Map(); // user id -> recipe ids

export const owns = (path) => path.startsWith('/v2/') || path === '/signin' || /^\/authorize(\/|$)/.test(path);

export async function handle(req, res, path, query) {
  switch (path) {
    case '/v2/token/grant': return tokenGrant(req, res, query);
    case '/authorize': return authorize(req, res, query);
    case '/authorize/decision': return decide(req, res);
    case '/signin': return signIn(req, res, query);
    default: return callApi(req, res, path, query);
  }
}

/** Refusals: JSON on the API side (the shape of RFC 6749, 5.2), a page on the browser side. */
export function fail(res, path, { status, code, message, headers }) {
  if (!path.startsWith('/v2/')) return sendPage(res, status, errorPage(message), headers);
  return sendSized(res, status, { error: code, error_description: message }, { 'Cache-Control': 'no-store', ...headers });
}

const sendSized = (res, status, body, headers) =>
  sendJson(res, status, body, { 'Content-Length': Buffer.byteLength(JSON.stringify(body)), ...headers });

// ---------------------------------------------------------------- /v2/token/grant

/** The document shows GET; RFC 6749 (3.2) asks for POST, so a posted form works as well. */
async function tokenGrant(req, res, query) {
  allowMethods(req, 'GET', 'POST');
  const params = await readParams(req, query);
  const client = authenticateClient(req, params);
  const grant = redeem(client, params);
  // Order and members as documented; there are no scopes, hence null.
  sendSized(res, 200, issueTokens(grant), { 'Cache-Control': 'no-store', Pragma: 'no-cache' });
}

/** By client_id and client_secret parameters as documented, or by HTTP Basic (RFC 6749, 2.3.1). */
function authenticateClient(req, params) {
  const refusal = new HttpError(401, 'invalid_client', 'Unknown client or wrong client secret', {
    'WWW-Authenticate': 'Basic realm="Kitchen Monki API", charset="UTF-8"',
  });
  let [id, secret] = [params.get('client_id'), params.get('client_secret')];
  const { scheme, credentials } = readAuthorization(req);
  if (scheme === 'basic') {
    if (secret !== undefined) throw new HttpError(400, 'invalid_request', 'Use one way of client authentication');
    const [, basicId, basicSecret] = /^([^:]*):(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [];
    if (basicId === undefined) throw refusal;
    if (id !== undefined && id !== unescapeForm(basicId)) {
      throw new HttpError(400, 'invalid_request', 'Two different clients are named');
    }
    [id, secret] = [unescapeForm(basicId), unescapeForm(basicSecret)];
  }
  const client = MONKI_CLIENTS.find((candidate) => candidate.id === id);
  if (!client || !sameSecret(secret ?? '', client.secret)) throw refusal;
  return client;
}

/**
 * Turns the presented credential into a grant `{ client, userId, generation }`. Only the tokens
 * of a grant's latest generation are good: a refresh replaces the whole pair.
 */
function redeem(client, params) {
  switch (params.get('grant_type')) {
    case undefined: throw new HttpError(400, 'invalid_request', 'grant_type is missing');
    // "Any access token generated with this method will be associated with that same user."
    case 'client_credentials': return { client, userId: client.userId, generation: 0 };
    case 'authorization_code': return redeemCode(client, required(params, 'code'), params.get('redirect_uri'));
    case 'refresh_token': return redeemRefreshToken(client, required(params, 'refresh_token'));
    default: throw new HttpError(400, 'unsupported_grant_type', 'This grant_type is not supported');
  }
}

function required(params, name) {
  const value = params.get(name);
  if (value === undefined) throw new HttpError(400, 'invalid_request', `${name} is missing`);
  return value;
}

function redeemCode(client, code, redirectUri) {
  const refusal = new HttpError(400, 'invalid_grant', 'The authorization code is invalid, expired or was issued otherwise');
  // RFC 6749, 4.1.2: a code used twice has leaked, and what was issued from it is withdrawn.
  const spent = spentCodes.get(code);
  if (spent?.client === client) spent.generation += 1;
  const found = codes.get(code);
  // RFC 6749, 4.1.3: bound to the client, and to the redirect URI if the request had named one.
  // A failed attempt does not use the code up, or a stranger could burn other clients' codes.
  const sameUri = redirectUri === found?.redirectUri || (redirectUri === undefined && found?.uriWasImplied);
  if (found?.client !== client || !sameUri) throw refusal;
  codes.take(code);
  const grant = { client, userId: found.userId, generation: 0 };
  spentCodes.set(code, grant);
  return grant;
}

function redeemRefreshToken(client, token) {
  const found = refreshTokens.get(token);
  if (found?.grant.client !== client || found.generation !== found.grant.generation) {
    throw new HttpError(400, 'invalid_grant', 'The refresh token is invalid, expired or was issued otherwise');
  }
  // "The old refresh token will be invalidated by this call."
  refreshTokens.take(token);
  found.grant.generation += 1;
  return found.grant;
}

function issueTokens(grant) {
  const [accessToken, refreshToken] = [newToken(), newToken()];
  accessTokens.set(accessToken, { grant, generation: grant.generation });
  refreshTokens.set(refreshToken, { grant, generation: grant.generation });
  return { access_token: accessToken, expires_in: HOUR, token_type: 'bearer', scope: null, refresh_token: refreshToken };
}

// ---------------------------------------------------------------- /authorize and /signin

/** Where a user's browser arrives; it leaves through `deliver`. */
function authorize(req, res, query) {
  allowMethods(req, 'GET', 'HEAD');
  const params = new Params().addForm(query);
  const request = checkTarget(params);
  try {
    checkRequest(request, params);
  } catch (error) {
    return deliver(res, request, { error: error.code, error_description: error.message });
  }
  const session = sessions.get(readCookie(req, 'monki.sid') ?? '');
  if (!session) return redirect(res, `/signin?${new URLSearchParams({ return_to: authorizePath(request) })}`);
  // The transaction id ties the decision to this session and to exactly what is shown here;
  // being unguessable it is the form's CSRF token too.
  const transactionId = newToken();
  session.transactions.set(transactionId, request);
  if (session.transactions.size > MAX_OPEN_TRANSACTIONS) {
    session.transactions.delete(session.transactions.keys().next().value);
  }
  const { client, redirectUri } = request;
  return sendPage(res, 200, consentPage({ transactionId, clientName: client.name, login: session.user.login, redirectUri }));
}

/** RFC 6749, 4.1.2.1: with a wrong client or redirect URI the browser must not be sent anywhere. */
function checkTarget(params) {
  const client = MONKI_CLIENTS.find(({ id }) => id === params.get('client_id'));
  if (!client) throw new HttpError(400, 'invalid_request', 'The application that sent you here is not known.');
  const asked = params.get('redirect_uri');
  // Compared character by character. It may be left out if there is no choice (RFC 6749, 3.1.2.3).
  const redirectUri = asked ?? (client.redirectUris.length === 1 ? client.redirectUris[0] : undefined);
  if (!client.redirectUris.includes(redirectUri)) {
    throw new HttpError(400, 'invalid_request', 'The address to return to is not registered for this application.');
  }
  return { client, redirectUri, uriWasImplied: asked === undefined };
}

/** Fills in the rest of the request; what is wrong with it is reported to the redirect URI. */
function checkRequest(request, params) {
  request.state = params.get('state'); // first of all, for it accompanies every answer
  request.popup = params.get('display') === 'popup';
  const responseType = required(params, 'response_type');
  if (responseType !== 'code') throw new HttpError(400, 'unsupported_response_type', 'Only response_type code is supported');
}

/** The request again, of known parameters only: a client secret sent by mistake is not repeated. */
function authorizePath({ client, redirectUri, uriWasImplied, popup, state }) {
  const params = new URLSearchParams({ client_id: client.id, response_type: 'code' });
  if (!uriWasImplied) params.set('redirect_uri', redirectUri);
  if (popup) params.set('display', 'popup');
  if (state !== undefined) params.set('state', state);
  return `/authorize?${params}`;
}

async function signIn(req, res, query) {
  allowMethods(req, 'GET', 'HEAD', 'POST');
  const params = await readParams(req, query);
  const returnTo = params.get('return_to') ?? '';
  // Only back to our own consent page, or this would be an open redirector.
  if (!/^\/authorize\?[\x21-\x7e]*$/.test(returnTo)) {
    throw new HttpError(400, 'invalid_request', 'Please start again from the application that sent you here.');
  }
  // Nobody is signed in yet, so the CSRF token is compared with a cookie (double submit).
  const csrf = readCookie(req, '_csrf');
  if (req.method !== 'POST') {
    const fresh = csrf || newToken();
    return sendPage(res, 200, signInPage({ csrf: fresh, returnTo }), { 'Set-Cookie': cookie('_csrf', fresh) });
  }
  if (!csrf || !sameSecret(params.get('_csrf') ?? '', csrf)) {
    throw new HttpError(403, 'access_denied', 'This form has expired. Please go back and try again.');
  }
  const user = MONKI_USERS.find(({ login }) => login === params.get('username'));
  if (!user || !sameSecret(params.get('password') ?? '', user.password)) {
    return sendPage(res, 403, signInPage({ csrf, returnTo, problem: 'Wrong username or password.' }));
  }
  const sessionId = newToken(); // never one the browser brought along: no session fixation
  sessions.set(sessionId, { user, transactions: new Map() });
  return redirect(res, returnTo, { 'Set-Cookie': cookie('monki.sid', sessionId) });
}

async function decide(req, res) {
  allowMethods(req, 'POST');
  const params = await readParams(req, '');
  const transactionId = params.get('transaction_id');
  const session = sessions.get(readCookie(req, 'monki.sid') ?? '');
  const request = session?.transactions.get(transactionId);
  if (!request) {
    throw new HttpError(403, 'access_denied', 'This form has expired. Please start again from the application that sent you here.');
  }
  const decision = params.get('decision');
  if (decision !== 'grant' && decision !== 'deny') throw new HttpError(400, 'invalid_request', 'Please grant or deny access.');
  session.transactions.delete(transactionId);
  if (decision === 'deny') {
    return deliver(res, request, { error: 'access_denied', error_description: 'The user denied access' });
  }
  const code = newToken();
  const { client, redirectUri, uriWasImplied } = request;
  // "Associated with the Kitchen Monki user who granted the authorization code."
  codes.set(code, { client, redirectUri, uriWasImplied, userId: session.user.id });
  return deliver(res, request, { code });
}

/** Takes the outcome to the redirect URI, in this window or (display=popup) in the opener. */
function deliver(res, { redirectUri, state, popup }, outcome) {
  const params = new URLSearchParams(state === undefined ? outcome : { ...outcome, state });
  const location = `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${params}`;
  return popup ? sendPage(res, 200, popupPage(location)) : redirect(res, location);
}

function redirect(res, location, headers = {}) {
  res.writeHead(302, { Location: location, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', ...headers });
  res.end();
}

// Not "Secure": this listener speaks plain http, as the document's consent URL does.
const cookie = (name, value) => `${name}=${value}; Path=/; HttpOnly; SameSite=Lax`;

// ---------------------------------------------------------------- API calls

async function callApi(req, res, path, query) {
  const params = await readParams(req, query);
  const { userId } = authenticateCaller(req, params);
  if (path !== '/v2/queue') throw new HttpError(404, 'not_found', 'There is no such API method');
  allowMethods(req, 'GET', 'HEAD', 'POST', 'PUT');
  sendFresh(req, res, { user_id: userId, queue: updateQueue(req.method, userId, params) });
}

/** "The preferred method [is the] Authorization header, but [...] also [...] a GET, POST, or PUT parameter." */
function authenticateCaller(req, params) {
  const { scheme, credentials } = readAuthorization(req);
  const parameter = params.get('access_token');
  if (scheme === 'bearer' && parameter !== undefined) {
    // RFC 6750, 2: not more than one method in a request.
    throw new HttpError(400, 'invalid_request', 'Send the access token once');
  }
  const token = scheme === 'bearer' ? credentials : parameter;
  const challenge = 'Bearer realm="Kitchen Monki API"';
  if (token === undefined) {
    // RFC 6750, 3.1: no error code in the challenge if no credentials were sent at all.
    throw new HttpError(401, 'unauthorized', 'An access token is required', { 'WWW-Authenticate': challenge });
  }
  const found = accessTokens.get(token);
  if (!found || found.generation !== found.grant.generation) {
    const message = 'The access token is invalid or expired';
    throw new HttpError(401, 'invalid_token', message, {
      'WWW-Authenticate': `${challenge}, error="invalid_token", error_description="${message}"`,
    });
  }
  return found.grant;
}

/** POST appends one recipe, PUT replaces the list ("12,31"); without a value nothing changes. */
function updateQueue(method, userId, params) {
  const queue = queues.get(userId) ?? [];
  const given = method === 'POST' ? params.get('recipe_id') : method === 'PUT' ? params.get('recipe_ids') : undefined;
  if (given === undefined) return queue;
  if (!(method === 'POST' ? /^\d{1,9}$/ : /^\d{1,9}(,\d{1,9}){0,99}$/).test(given)) {
    throw new HttpError(400, 'invalid_request', 'Recipes are given by their numbers');
  }
  const numbers = given.split(',').map(Number);
  const updated = (method === 'POST' ? [...queue, ...numbers] : numbers).slice(-100);
  queues.set(userId, updated);
  return updated;
}

/** JSON with a weak ETag, and 304 for a GET that already has it. Personal data: never shared caches. */
function sendFresh(req, res, body) {
  const hash = createHash('sha1').update(JSON.stringify(body)).digest('base64').slice(0, 27);
  const headers = { ETag: `W/"${hash}"`, 'Cache-Control': 'private, no-cache', Vary: 'Authorization' };
  const known = (req.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim());
  if ((req.method === 'GET' || req.method === 'HEAD') && known.includes(headers.ETag)) {
    res.writeHead(304, headers);
    res.end();
    return;
  }
  sendSized(res, 200, body, headers);
}
