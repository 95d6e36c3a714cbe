// Answers like kubia five times, and says from the sixth request on that it is not well.

const http = require('http');
const os = require('os');

const PORT = 8080;
const HEALTHY_REQUESTS = 5;

let requests = 0;

function answer(request, response) {
  console.log(`Received request from ${request.socket.remoteAddress}`);
  requests += 1;
  if (requests > HEALTHY_REQUESTS) {
    response.writeHead(500);
    response.end("I'm not well. Please restart me!");
    return;
  }
  response.writeHead(200);
  response.end(`You've hit ${os.hostname()}\n`);
}

console.log('Kubia server starting...');
http.createServer(answer).listen(PORT);
