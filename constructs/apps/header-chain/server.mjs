// One service of a chain: asks the next one, puts its own name in front of the answer, and forwards the headers that tie a trace together.
// Nothing but Node's standard library (20 or later); deployed as it stands, from a ConfigMap.
//
//   GET /api/v1/testA/   {"answers": [{"service": "service-a", "version": "v1"}, ...]}, or 502 {"service": ..., "error": ...}
//   GET /status          200 while it takes requests
//
//   SERVICE_NAME, SERVICE_VERSION   what it answers with
//   UPSTREAM                        the next service's URL; the last one has none
//   FORWARD_HEADERS                 names in lower case, with commas between them
//   UPSTREAM_TIMEOUT_MS             how long it waits for the next one, 5000 when left out
//   PORT, HOST                      8080 at every address of the pod when left out
import { createServer, get } from 'node:http';

const { env } = process;
const service = env.SERVICE_NAME || 'service';
const version = env.SERVICE_VERSION || 'v1';
const upstream = env.UPSTREAM;
const forward = (env.FORWARD_HEADERS || '').split(',').filter(Boolean);
const timeout = Number(env.UPSTREAM_TIMEOUT_MS || 5000);

const server = createServer(async (request, response) => {
  const [path] = request.url.split('?');
  if (request.method !== 'GET') return send(response, 405, { service, error: 'only GET is served here' });
  if (path === '/status') return send(response, 200, { service, version });
  if (path !== '/api/v1/testA' && !path.startsWith('/api/v1/testA/')) {
    return send(response, 404, { service, error: 'only /api/v1/testA/ and /status are served here' });
  }
  try {
    const behind = upstream ? await answersOf(upstream, forwarded(request.headers)) : [];
    send(response, 200, { answers: [{ service, version }, ...behind] });
  } catch (error) {
    send(response, 502, { service, error: `upstream ${upstream}: ${error.message || error.code}` });
  }
});

/** Only what came, and came with a value: a tracer that finds an empty header drops the trace. */
function forwarded(headers) {
  return Object.fromEntries(forward.filter((name) => headers[name]).map((name) => [name, headers[name]]));
}

async function answersOf(url, headers) {
  const signal = AbortSignal.timeout(timeout);
  const { status, body } = await ask(url, { headers, signal }).catch((error) => {
    throw signal.aborted ? new Error(`no answer within ${timeout} ms`) : error;
  });
  if (status !== 200) throw new Error(`answered ${status} ${body.slice(0, 300)}`);
  const { answers } = JSON.parse(body);
  if (!Array.isArray(answers)) throw new Error('its answer holds no list "answers"');
  return answers;
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
  response.end(`${JSON.stringify(body)}\n`);
}

// A request that is under way is still answered; then nothing is left to wait for, and the process ends.
process.on('SIGTERM', () => server.close());

server.listen(Number(env.PORT || 8080), env.HOST, () => console.log(`${service} listens at port ${server.address().port}`));
