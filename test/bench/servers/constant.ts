import { createServer } from 'node:net';

const answer = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');

// whoever asks gets an answer, and nothing is read: what a generator of load can do at the most
createServer((socket) => {
  socket.on('data', () => socket.write(answer));
  socket.on('error', () => {});
}).listen(Number(process.env.PORT), '127.0.0.1');
