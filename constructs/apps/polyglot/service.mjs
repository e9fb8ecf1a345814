// One service of the polyglot demo, for Node, and the web page in front of all: asks its upstreams, puts its own name in front of their
// answers, and forwards the headers that tie a trace together. Nothing but the standard library (20 or later); deployed as it stands.
//
//   GET /env      {"message": "Node22.20.0"}, or 502 {"error": ...}
//   GET /status   ok
//   GET /         the page, when there is one
//
//   NAME                  what it calls itself, Node and its version when left out
//   PAGE                  the page's file
//   UPSTREAMS             the URLs that it asks, in that order, with commas between them
//   FORWARD_HEADERS       names in lower case, with commas between them
//   UPSTREAM_TIMEOUT_MS   how long it waits for each, 10000 when left out
//   PORT, HOST            8080 at every address of the pod when left out
import { readFileSync } from 'node:fs';
import { createServer, get } from 'node:http';

const { env } = process;
const listOf = (text) => (text || '').split(',').filter(Boolean);
const name = env.NAME || `Node${process.versions.node}`;
const page = env.PAGE && readFileSync(env.PAGE);
const upstreams = listOf(env.UPSTREAMS);
const forward = listOf(env.FORWARD_HEADERS);
const timeout = Number(env.UPSTREAM_TIMEOUT_MS || 10_000);

const server = createServer(async (request, response) => {
  const [path] = request.url.split('?');
  if (request.method !== 'GET') return send(response, 405, { error: 'only GET is served here' });
  if (path === '/status') return response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
  if (path === '/' && page) return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  if (path !== '/env') return send(response, 404, { error: 'only /env and /status are served here' });
  const headers = forwarded(request.headers);
  const messages = [];
  for (const url of upstreams) {
    try {
      messages.push(await messageOf(url, headers));
    } catch (error) {
      return send(response, 502, { error: `${name}: upstream ${url}: ${error.message || error.code}` });
    }
  }
  send(response, 200, { message: messages.length > 0 ? `${name}----->${messages.join(', ')}` : name });
});

/** Only what came, and came with a value: a tracer that finds an empty header drops the trace. */
function forwarded(headers) {
  return Object.fromEntries(forward.filter((key) => headers[key]).map((key) => [key, headers[key]]));
}

async function messageOf(url, headers) {
  const signal = AbortSignal.timeout(timeout);
  const { status, body } = await ask(url, { headers, signal }).catch((error) => {
    throw signal.aborted ? new Error(`no answer within ${timeout} ms`) : error;
  });
  if (status !== 200) throw new Error(`answered ${status} ${body.slice(0, 300)}`);
  return JSON.parse(body).message;
}

function ask(url, options) {
  return new Promise((resolve, reject) => {
    const request = get(url, options, async (response) => {
      try {
        const chunks = await response.toArray();
        resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() });
      } catch (error) {
        reject(error);
      }
    });
    request.on('error', reject);
  });
}

function send(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

// A request that is under way is still answered; then nothing is left to wait for, and the process ends.
process.on('SIGTERM', () => server.close());

server.listen(Number(env.PORT || 8080), env.HOST, () => console.log(`${name} listens at port ${server.address().port}`));
