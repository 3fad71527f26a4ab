// What both dialects need around node:http: errors, parameters, bodies, cookies.

const BODY_LIMIT = 64 * 1024;
// An oversized upload is read (and thrown away) up to here, so that its sender gets to see
// the 413 rather than a reset connection.
const DRAIN_LIMIT = 1024 * 1024;

/** A refusal; each dialect renders it in its own shape. `code` is in lower_snake_case. */
export class HttpError extends Error {
  constructor(status, code, message, headers = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export function allowMethods(req, ...methods) {
  if (!methods.includes(req.method)) {
    throw new HttpError(405, 'method_not_allowed', 'This method is not supported here', { Allow: methods.join(', ') });
  }
}

/** JSON as Express would label it. Without a Content-Length among the headers it goes out chunked. */
export function sendJson(res, status, body, headers = {}) {
  res.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...headers });
  res.end(JSON.stringify(body));
}

/** Splits a request target by hand: the Host header is the client's word and plays no part. */
export function splitTarget(target) {
  const local = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/#.*$/, '');
  const mark = local.indexOf('?');
  return mark < 0 ? { path: local, query: '' } : { path: local.slice(0, mark), query: local.slice(mark + 1) };
}

/** Request parameters. RFC 6749, 3.1: an empty one counts as omitted, a repeated one is an error. */
export class Params {
  #values = new Map();

  add(name, value) {
    if (value !== '') this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }

  /** Adds application/x-www-form-urlencoded text. Stricter than URLSearchParams: bad escapes are refused. */
  addForm(text) {
    if (/[^\x21-\x7e]/.test(text)) throw new HttpError(400, 'invalid_request', 'Parameters are not form-encoded');
    for (const pair of text.split('&')) {
      const [name, ...rest] = pair.split('=');
      this.add(unescapeForm(name), unescapeForm(rest.join('=')));
    }
    return this;
  }

  get(name) {
    const values = this.#values.get(name) ?? [];
    if (values.length > 1) throw new HttpError(400, 'invalid_request', `The parameter ${name} is repeated`);
    return values[0];
  }
}

export function unescapeForm(text) {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new HttpError(400, 'invalid_request', 'Parameters are not form-encoded UTF-8');
  }
}

export const mediaType = (req) => (req.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();

export function readBody(req) {
  return new Promise((resolve, reject) => {
    const tooLarge = new HttpError(413, 'payload_too_large', 'The request body is too large', { Connection: 'close' });
    const chunks = [];
    let size = 0;
    req.on('data', (chunk) => {
      size += chunk.length;
      if (size <= BODY_LIMIT) chunks.push(chunk);
      else if (size > DRAIN_LIMIT) reject(tooLarge);
    });
    req.on('end', () => (size > BODY_LIMIT ? reject(tooLarge) : resolve(Buffer.concat(chunks))));
    // The sender went away: nobody will see the answer, but the promise must not hang.
    for (const event of ['error', 'close']) {
      req.on(event, () => reject(new HttpError(400, 'invalid_request', 'The request is incomplete')));
    }
  });
}

/** The body as a JSON value; throws a plain SyntaxError or TypeError if it is none. */
export const parseJson = (body) => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));

/** Query parameters together with those in the body of a POST or PUT (form or flat JSON). */
export async function readParams(req, query) {
  const params = new Params().addForm(query);
  if (req.method !== 'POST' && req.method !== 'PUT') return params;
  const body = await readBody(req);
  if (body.length === 0) return params;
  if (mediaType(req) === 'application/x-www-form-urlencoded') return params.addForm(body.toString('latin1'));
  if (mediaType(req) !== 'application/json') {
    throw new HttpError(415, 'invalid_request', 'Send parameters as a form or as JSON');
  }
  for (const [name, value] of Object.entries(parseFlatObject(body))) params.add(name, String(value));
  return params;
}

function parseFlatObject(body) {
  let value;
  try {
    value = parseJson(body);
  } catch {
    throw new HttpError(400, 'invalid_request', 'The body is not valid JSON');
  }
  const flat = value !== null && typeof value === 'object' && !Array.isArray(value)
    && Object.values(value).every((item) => ['string', 'number', 'boolean'].includes(typeof item));
  if (!flat) throw new HttpError(400, 'invalid_request', 'The body must be a flat JSON object');
  return value;
}

/** Splits an Authorization header into lower-case scheme and credentials. */
export function readAuthorization(req) {
  // Node keeps the first of several Authorization headers; which one counts must not be a guess.
  const sent = req.rawHeaders.filter((text, i) => i % 2 === 0 && text.toLowerCase() === 'authorization');
  if (sent.length > 1) throw new HttpError(400, 'invalid_request', 'The Authorization header is repeated');
  const [, scheme = '', credentials = ''] = /^(\S+)(?: +(.*))?$/.exec(req.headers.authorization ?? '') ?? [];
  return { scheme: scheme.toLowerCase(), credentials };
}

export function readCookie(req, name) {
  const found = (req.headers.cookie ?? '').split(';').map((text) => text.trim()).find((text) => text.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}
