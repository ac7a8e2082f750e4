import { headerOf, isRefusal } from '../answer.ts';
import { jsonBody } from '../bodies.ts';
import { type Connection, openConnection, prebuilt } from '../connection.ts';

/** More than are computed and queued at a time, so that the service has to refuse some. */
const clients = 16;

const port = Number(process.argv[2]);
const request = prebuilt(jsonBody(1_000_000), { expects: true });

/** What came of the requests since "go", and how many have no end yet. */
let current = { answered: 0, refused: 0, failed: 0, open: 0 };
let going = false;

// "go" has every client send one large request after another; "stop" is answered when the last has ended
process.on('message', (message) => {
  going = message === 'go';
  if (going) {
    current = { answered: 0, refused: 0, failed: 0, open: 0 };
    for (let client = 0; client < clients; client++) startClient(current);
  } else tellIfOver();
});
process.send?.('ready');

/** A client that comes back when it is told to, if it is refused. */
function startClient(counts: typeof current): void {
  if (!going || counts !== current) return;
  let wait = 0;
  const next = (connection: Connection) => {
    if (going && wait === 0) send(connection);
    else connection.destroy();
  };
  send(openConnection(port, { free: next, gone: () => setTimeout(startClient, wait, counts) }));

  function send(connection: Connection): void {
    counts.open++;
    connection.send(request, (answer) => {
      const refused = answer !== undefined && isRefusal(answer);
      const outcome = answer?.status === 200 ? 'answered' : refused ? 'refused' : 'failed';
      counts[outcome]++;
      if (outcome !== 'answered') wait = 1000 * Number((refused && headerOf(answer.head, 'retry-after')) || 1);
      counts.open--;
      tellIfOver();
    });
  }
}

function tellIfOver(): void {
  if (!going && current.open === 0) process.send?.(current);
}
