// The standard gRPC health service, and nothing else: what a grpc probe asks.
// "" (the whole server) serves at once, "ready" after five seconds, and "sick" never.

const http2 = require('http2');

const PORT = 9000;
const READY_AFTER_MS = 5000;
const SERVING = 1;
const NOT_SERVING = 2;
const NOT_FOUND = 5;
const UNIMPLEMENTED = 12;
const started = Date.now();

function status(service) {
  switch (service) {
    case '':
      return SERVING;
    case 'ready':
      return Date.now() - started >= READY_AFTER_MS ? SERVING : NOT_SERVING;
    case 'sick':
      return NOT_SERVING;
    default:
      return undefined;
  }
}

// A HealthCheckRequest has one string field; names here are shorter than 128 bytes.
function serviceIn(message) {
  const payload = message.subarray(5);
  return payload.length > 2 ? payload.subarray(2, 2 + payload[1]).toString() : '';
}

function refuse(stream, code, message) {
  stream.respond({
    ':status': 200,
    'content-type': 'application/grpc',
    'grpc-status': String(code),
    'grpc-message': message,
  }, { endStream: true });
}

function check(stream, service) {
  const found = status(service);
  console.log(`Check ${service || '(server)'}: ${found}`);
  if (found === undefined) {
    refuse(stream, NOT_FOUND, 'unknown service');
    return;
  }
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc' },
    { waitForTrailers: true },
  );
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, found]));
}

const server = http2.createServer();
server.on('stream', (stream, headers) => {
  const pieces = [];
  stream.on('data', (piece) => pieces.push(piece));
  stream.on('error', () => {});
  stream.on('end', () => {
    if (headers[':path'] === '/grpc.health.v1.Health/Check') {
      check(stream, serviceIn(Buffer.concat(pieces)));
    } else {
      refuse(stream, UNIMPLEMENTED, 'only health is served here');
    }
  });
});
process.on('SIGTERM', () => process.exit(0));
server.listen(PORT);
