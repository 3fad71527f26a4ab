// Entry point: command line, listener, dispatch to the two dialects, the tests' clock.

import { createServer } from 'node:http';
import * as b2b from './b2b.mjs';
import { advance, nowMs } from './clock.mjs';
import { HttpError, allowMethods, mediaType, parseJson, readBody, sendJson, splitTarget } from './http.mjs';
import * as kitchenmonki from './kitchenmonki.mjs';

/** Everything that belongs to neither document. */
const service = {
  async handle(req, res, path) {
    if (path !== '/__peer/clock') throw new HttpError(404, 'not_found', 'Not found');
    allowMethods(req, 'POST');
    const body = await readBody(req);
    let seconds;
    try {
      seconds = parseJson(body)?.advance_seconds;
    } catch {
      throw new HttpError(400, 'invalid_request', 'The body is not valid JSON');
    }
    if (mediaType(req) !== 'application/json' || typeof seconds !== 'number' || !advance(seconds)) {
      throw new HttpError(400, 'invalid_request', 'Send JSON with a non-negative number advance_seconds');
    }
    stampDate(res); // again: the clock has just moved
    sendJson(res, 200, { now: new Date(nowMs()).toISOString() });
  },
  fail(res, path, { status, code, message, headers }) {
    sendJson(res, status, { error: code, message }, headers);
  },
};

// Node would stamp real time; the Date header has to agree with the lifetimes we hand out.
const stampDate = (res) => res.setHeader('Date', new Date(nowMs()).toUTCString());

async function dispatch(req, res) {
  const { path, query } = splitTarget(req.url);
  const dialect = [kitchenmonki, b2b].find(({ owns }) => owns(path)) ?? service;
  stampDate(res);
  res.setHeader('X-Content-Type-Options', 'nosniff');
  try {
    await dialect.handle(req, res, path, query);
  } catch (error) {
    if (!(error instanceof HttpError)) console.error(req.method, path, error); // a bug of ours; no query: it may hold tokens
    if (res.headersSent) return res.destroy();
    dialect.fail(res, path, error instanceof HttpError ? error : new HttpError(500, 'server_error', 'Internal error'));
  }
}

function listenAddress() {
  const [option, value = ''] = process.argv.slice(2);
  const [, host, port] = /^(127\.0\.0\.1|\[::1\]):(\d{1,5})$/.exec(value) ?? [];
  if (option !== '--listen' || host === undefined || Number(port) > 65535) {
    console.error('usage: node tarragon.mjs --listen 127.0.0.1:PORT (loopback only; port 0 picks a free one)');
    process.exit(2);
  }
  return { host: host.replace(/[[\]]/g, ''), port: Number(port) };
}

const server = createServer({ connectionsCheckingInterval: 5_000 }, dispatch);
server.headersTimeout = 10_000;
server.requestTimeout = 15_000;
server.keepAliveTimeout = 5_000;
server.setTimeout(30_000);
server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
server.listen(listenAddress(), () => {
  const { address: host, family, port } = server.address();
  console.log(`ready http://${family === 'IPv6' ? `[${host}]` : host}:${port}`);
});

// State lives in memory only, so there is nothing to save on the way out.
const stop = () => process.exit(0);
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
// Never outlive the parent that holds the other end of stdin.
process.stdin.on('end', stop).on('close', stop).on('error', stop).resume();
