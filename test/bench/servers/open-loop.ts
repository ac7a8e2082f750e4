import { jsonBody, notebookBody } from '../bodies.ts';
import { type Connection, openConnection, prebuilt } from '../connection.ts';
import { answerTimeoutMs, type Load, type Size, type Statistics, tally } from '../load-statistics.ts';
import { uniforms } from '../tensors.ts';

/**
 * Arrivals wait for one when all are busy, and their waiting counts. The last comes first: where more arrive than any server can read,
 * the others would all be sent when it is too late, and nothing would be learnt of the server.
 */
const mostConnections = 512;

/** Two tensors of this many numbers are 1 MB of JSON. */
const elementsOfLarge = 25_600;

const port = Number(process.argv[2]);
const large = jsonBody(elementsOfLarge);
const requests = {
  small: prebuilt(notebookBody),
  expecting: prebuilt(large, { expects: true }),
  atOnce: prebuilt(large, { apart: true }),
};

type Arrival = { readonly at: number; readonly size: Size; over: boolean; connection: Connection | undefined };

const connections = new Set<Connection>();
const idle: Connection[] = [];
/** Whoever has no connection yet takes the next one, or tells that it is not wanted any more. */
let waiting: ((connection: () => Connection) => boolean)[] = [];

process.on('message', async (load: Load) => process.send?.(await run(load)));
process.send?.('ready');

/** Sends requests at random times, whatever becomes of those before, and waits until every one is answered or given up. */
function run({ rate, seconds, large: share, expects }: Load): Promise<Statistics> {
  const count = tally();
  const random = uniforms(Math.ceil(rate));
  const largeRequest = expects ? requests.expecting : requests.atOnce;
  const arrivals: Arrival[] = [];
  let oldest = 0;
  waiting = [];

  function arrive(arrival: Arrival): void {
    arrivals.push(arrival);
    const connection = idle.pop() ?? (connections.size < mostConnections ? opened() : undefined);
    if (connection !== undefined) send(arrival, connection);
    else
      waiting.push((free) => {
        if (!arrival.over) send(arrival, free());
        return !arrival.over;
      });
  }

  function send(arrival: Arrival, connection: Connection): void {
    arrival.connection = connection;
    const sent = performance.now();
    connection.send(arrival.size === 'small' ? requests.small : largeRequest, (answer, withheld) => {
      if (arrival.over) return;
      arrival.over = true;
      const now = performance.now();
      count.ended(arrival.size, { sinceDue: now - arrival.at, sinceSent: now - sent }, answer, withheld);
    });
  }

  /** All have the same timeout, so that the oldest ends first. */
  function giveUp(now: number): void {
    for (; oldest < arrivals.length; oldest++) {
      const arrival = arrivals[oldest];
      if (!arrival.over && now - arrival.at <= answerTimeoutMs) return;
      if (arrival.over) continue;
      arrival.over = true;
      count.givenUp(arrival.size, arrival.connection !== undefined);
      arrival.connection?.destroy();
    }
  }

  return new Promise((resolve) => {
    const begin = performance.now();
    const end = begin + 1000 * seconds;
    const gap = () => (-1000 * Math.log(random())) / rate;
    let next = begin + gap();
    const tick = () => {
      const now = performance.now();
      for (; next <= now && next < end; next += gap()) {
        count.lag(now - next);
        arrive({ at: next, size: random() < share ? 'large' : 'small', over: false, connection: undefined });
      }
      giveUp(now);
      // who has no connection by now would be sent after the load
      if (next >= end) waiting = [];
      if (next < end || oldest < arrivals.length) setTimeout(tick, 1);
      else resolve(count.statistics(seconds));
    };
    tick();
  });
}

function opened(): Connection {
  const connection = openConnection(port, {
    free: (self) => {
      if (!handOver(() => self)) idle.push(self);
    },
    gone: (self) => {
      connections.delete(self);
      const at = idle.indexOf(self);
      if (at !== -1) idle.splice(at, 1);
      handOver(opened);
    },
  });
  connections.add(connection);
  return connection;
}

/** Gives a connection to somebody who waits; false if nobody does. */
function handOver(connection: () => Connection): boolean {
  for (let taker = waiting.pop(); taker !== undefined; taker = waiting.pop()) if (taker(connection)) return true;
  return false;
}
