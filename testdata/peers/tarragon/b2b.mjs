// Dialect 2: the "B2B" API - username and password are exchanged for a pair of JWTs.

import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import { B2B_ACCOUNTS } from './accounts.mjs';
import { nowSeconds } from './clock.mjs';
import { HttpError, allowMethods, mediaType, parseJson, readAuthorization, readBody, sendJson } from './http.mjs';
import { sameSecret } from './secrets.mjs';

const ACCESS_SECONDS = 3600; // "Lifetime: 1 hour"
const REFRESH_SECONDS = 7 * 24 * 3600; // "Lifetime: 7 days"

const NO_STORE = { 'Cache-Control': 'no-store' }; // tokens and customer data alike

/** Error names beside the codes; the first four are the document's table. */
const ERROR_NAMES = {
  VALIDATION_FAILURE: 'ValidationException',
  SYNTAX_ERROR: 'SyntaxError',
  UNAUTHORIZED: 'UnauthorizedError',
  FORBIDDEN: 'ForbiddenError',
  NOT_FOUND: 'NotFoundError',
  METHOD_NOT_ALLOWED: 'MethodNotAllowedError',
  PAYLOAD_TOO_LARGE: 'PayloadTooLargeError',
  INVALID_REQUEST: 'BadRequestError',
};

const CATALOGUE = {
  '/api/v1/products': [
    { id: 11, name: 'Copper kettle', category_id: 1 },
    { id: 12, name: 'Cedar crate', category_id: 2 },
  ],
  '/api/v1/categories': [
    { id: 1, name: 'Kitchenware' },
    { id: 2, name: 'Packaging' },
  ],
};

/** One login: `refreshId` is the jti of its only valid refresh token. */
const sessions = new Map();

export const owns = (path) => path.startsWith('/auth/') || path.startsWith('/api/');

export async function handle(req, res, path) {
  switch (path) {
    case '/auth/login': return login(req, res);
    case '/auth/refresh': return refresh(req, res);
    case '/auth/revoke': return revoke(req, res);
    default: return callApi(req, res, path);
  }
}

/** The documented error envelope. */
export function fail(res, path, { status, code, message, headers }) {
  const upper = code.toUpperCase();
  sendJson(res, status, { error: { name: ERROR_NAMES[upper] ?? 'Error', code: upper, message } }, { ...NO_STORE, ...headers });
}

/** The documented success envelope. */
const succeed = (res, data) => sendJson(res, 200, { success: true, data }, NO_STORE);

// ---------------------------------------------------------------- endpoints

async function login(req, res) {
  allowMethods(req, 'POST');
  const { username, password } = await readFields(req, 'username', 'password');
  const account = B2B_ACCOUNTS.find((candidate) => candidate.username === username);
  // The same work and the same answer for an unknown name and for a wrong password.
  if (!sameSecret(password, account?.password ?? '') || !account) throw unauthorized('Invalid credentials');
  checkPeer(req, account);
  dropExpiredSessions();
  const sessionId = randomUUID();
  sessions.set(sessionId, { account });
  succeed(res, issuePair(sessionId));
}

/** Each refresh token works once; access tokens issued before live on until they expire. */
async function refresh(req, res) {
  allowMethods(req, 'POST');
  const { refresh_token: token } = await readFields(req, 'refresh_token');
  // From here to the new pair nothing is awaited: of racing refreshes only the first succeeds.
  const { claims, session } = verify(token, 'refresh');
  if (claims.jti !== session.refreshId) throw unauthorized('Invalid or expired token');
  checkPeer(req, session.account); // before the token is used up
  succeed(res, issuePair(claims.sid));
}

/**
 * "Token Revocation: Invalidate tokens when rotating credentials or ending sessions" - no path
 * is documented. It ends the caller's session, or with {"all_sessions": true} the account's.
 */
async function revoke(req, res) {
  allowMethods(req, 'POST');
  const { claims, session } = authenticateCaller(req);
  const body = await readObject(req);
  if (!['boolean', 'undefined'].includes(typeof body.all_sessions)) throw invalid('all_sessions must be true or false');
  let revoked = 0;
  for (const [id, { account }] of sessions) {
    if (id !== claims.sid && !(body.all_sessions && account === session.account)) continue;
    sessions.delete(id);
    revoked += 1;
  }
  succeed(res, { revoked_sessions: revoked });
}

/** "All protected endpoints require the following header." */
function callApi(req, res, path) {
  authenticateCaller(req);
  if (!Object.hasOwn(CATALOGUE, path)) throw new HttpError(404, 'not_found', 'No such endpoint');
  allowMethods(req, 'GET', 'HEAD');
  succeed(res, CATALOGUE[path]);
}

// ---------------------------------------------------------------- checks

const invalid = (message) => new HttpError(400, 'validation_failure', message);
const unauthorized = (message, challenge = 'Bearer realm="b2b"') =>
  new HttpError(401, 'unauthorized', message, { 'WWW-Authenticate': challenge });

/** The JSON object in the body; an absent body counts as an empty object. */
async function readObject(req) {
  const body = await readBody(req);
  if (body.length === 0) return {};
  if (mediaType(req) !== 'application/json') throw invalid('Content-Type must be application/json');
  let value;
  try {
    value = parseJson(body);
  } catch {
    throw new HttpError(400, 'syntax_error', 'Invalid JSON in request body');
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw invalid('The body must be a JSON object');
  return value;
}

async function readFields(req, ...names) {
  const body = await readObject(req);
  for (const name of names) {
    if (typeof body[name] !== 'string' || body[name] === '') throw invalid(`${name} is required and must be a string`);
  }
  return body;
}

function authenticateCaller(req) {
  const { scheme, credentials } = readAuthorization(req);
  if (scheme !== 'bearer') throw unauthorized('Missing access token');
  const caller = verify(credentials, 'access');
  checkPeer(req, caller.session.account);
  return caller;
}

/**
 * "If your account has IP whitelist entries configured, API requests (including login and token
 * refresh) must originate from a whitelisted IP address." That is the address of the TCP peer:
 * X-Forwarded-For and its like can be written by anyone and are not looked at.
 */
function checkPeer(req, { allowedIps }) {
  if (allowedIps.length === 0) return;
  const list = new BlockList(); // node's address set; "block" is only its name
  for (const ip of allowedIps) list.addAddress(ip, isIPv6(ip) ? 'ipv6' : 'ipv4');
  // An IPv4 peer of a dual-stack listener shows up as ::ffff:a.b.c.d. No address: already gone.
  const peer = (req.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (!peer || !list.check(peer, isIPv6(peer) ? 'ipv6' : 'ipv4')) {
    throw new HttpError(403, 'forbidden', 'IP address not authorized');
  }
}

// ---------------------------------------------------------------- tokens (RFC 7519, HS256)

const KEY = randomBytes(32);
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = encode({ alg: 'HS256', typ: 'JWT' });
const mac = (text) => createHmac('sha256', KEY).update(text).digest('base64url');

function sign(claims) {
  const text = `${HEADER}.${encode(claims)}`;
  return `${text}.${mac(text)}`;
}

/** A new pair for a session; it displaces the session's former refresh token. */
function issuePair(sid) {
  const session = sessions.get(sid);
  const { clientId } = session.account;
  const iat = nowSeconds();
  const [accessExp, refreshExp] = [iat + ACCESS_SECONDS, iat + REFRESH_SECONDS];
  const claims = { sub: String(clientId), sid, iat };
  session.refreshId = randomUUID();
  session.expiresAt = refreshExp;
  return {
    access_token: sign({ ...claims, use: 'access', jti: randomUUID(), exp: accessExp }),
    refresh_token: sign({ ...claims, use: 'refresh', jti: session.refreshId, exp: refreshExp }),
    access_expires_at: timestamp(accessExp),
    refresh_expires_at: timestamp(refreshExp),
    client_id: clientId,
  };
}

/** As in the document's example: UTC, whole seconds. */
const timestamp = (seconds) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

function verify(token, use) {
  const refusal = unauthorized('Invalid or expired token', 'Bearer realm="b2b", error="invalid_token"');
  const [header, payload, signature, ...rest] = token.split('.');
  // The algorithm is pinned: the header must be, byte for byte, the one we write ourselves.
  if (header !== HEADER || signature === undefined || rest.length > 0) throw refusal;
  // Compared in encoded form, so a signature has one spelling only.
  const [given, expected] = [signature, mac(`${header}.${payload}`)].map((text) => Buffer.from(text));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refusal;
  const claims = JSON.parse(Buffer.from(payload, 'base64url')); // signed by us, hence well-formed
  const session = sessions.get(claims.sid); // gone once revoked
  if (claims.use !== use || nowSeconds() >= claims.exp || !session) throw refusal;
  return { claims, session };
}

function dropExpiredSessions() {
  for (const [id, { expiresAt }] of sessions) {
    if (nowSeconds() >= expiresAt) sessions.delete(id);
  }
}
