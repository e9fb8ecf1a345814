// For `node --import`: whoever asks for the network in this process gets an error that says what for; the process fails whoever catches it.
import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

function refusal(what, asked) {
  const message = `no network here: ${what} ${JSON.stringify(asked)}`;
  process.once('exit', () => {
    process.stderr.write(`${message}\n`);
    process.exitCode = 1;
  });
  return new Error(message);
}

// http, https and tls connect by this one. A path is a socket of this machine, by which the loader talks to its own threads.
const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...asked) {
  const [options] = Array.isArray(asked[0]) ? asked[0] : asked;
  if (typeof options === 'string' || options?.path != null) return connect.apply(this, asked);
  throw refusal('connect', asked);
};
dgram.Socket.prototype.send = (...asked) => {
  throw refusal('send', asked);
};
for (const name of Object.keys(dns).filter((one) => /^(lookup|resolve)/.test(one)))
  dns[name] = (...asked) => {
    throw refusal(name, asked);
  };
for (const name of Object.keys(dns.promises).filter((one) => /^(lookup|resolve)/.test(one)))
  dns.promises[name] = (...asked) => Promise.reject(refusal(name, asked));
globalThis.fetch = (...asked) => Promise.reject(refusal('fetch', asked));
syncBuiltinESMExports();
