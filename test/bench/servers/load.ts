import { jsonBody } from '../bodies.ts';
import { timedPost } from '../post.ts';

const connections = 2;

const ours = { name: 'ours', origin: process.argv[2] };
const body = jsonBody(1_000_000);

let going = false;
let answered = 0;
let senders: Promise<void>[] = [];

// "go" starts large requests back to back on every connection; "stop" is answered when the last has ended
process.on('message', async (message) => {
  going = message === 'go';
  if (going) {
    answered = 0;
    senders = Array.from({ length: connections }, backToBack);
  } else {
    await Promise.all(senders);
    process.send?.(answered);
  }
});
process.send?.('ready');

async function backToBack(): Promise<void> {
  while (going) {
    await timedPost(ours, body);
    answered++;
  }
}
