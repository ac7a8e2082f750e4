import { jsonBody } from '../bodies.ts';

const milliseconds = 1_000;
const text = jsonBody(10_000).bytes.toString();

// "go" is answered with how often a body is read and written as JSON in a while
process.on('message', () => {
  const end = performance.now() + milliseconds;
  let turns = 0;
  for (; performance.now() < end; turns++) JSON.stringify(JSON.parse(text));
  process.send?.(turns);
});
process.send?.('ready');
