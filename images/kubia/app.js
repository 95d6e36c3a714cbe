// Answers every request with the name of the host that it runs on.

const http = require('http');
const os = require('os');

const PORT = 8080;

function answer(request, response) {
  console.log(`Received request from ${request.socket.remoteAddress}`);
  response.writeHead(200);
  response.end(`You've hit ${os.hostname()}\n`);
}

console.log('Kubia server starting...');
http.createServer(answer).listen(PORT);
