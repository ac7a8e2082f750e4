/** A step of a small request that waits until the event loop has read what there was to read. */
type Step = () => void;

/** So many computations wait at the most: load shedding sees the time that they take as long as there is more to read. */
const mostWaiting = 32;

let computations: Step[] = [];
let answers: Step[] = [];
let isArmed = false;

/** Has a request computed together with others that came with it. Code that runs many times in a row stays in the caches of the processor. */
export function computeAfterReading(compute: Step): void {
  computations.push(compute);
  if (computations.length < mostWaiting) arm();
  else computeAll();
}

/** Has an answer written together with others, when all have been computed. Each write wakes a client, and many in a row cost less than one by one. */
export function sendAfterReading(send: Step): void {
  answers.push(send);
  arm();
}

function arm(): void {
  if (isArmed) return;
  isArmed = true;
  setImmediate(() => {
    isArmed = false;
    computeAll();
    sendAll();
  });
}

function computeAll(): void {
  const steps = computations;
  computations = [];
  for (const compute of steps) compute();
}

function sendAll(): void {
  const steps = answers;
  answers = [];
  for (const send of steps) send();
}
