/** A step of a small request that waits until the event loop has read what there was to read. */
type Step = () => void;

/** Requests of so many bytes wait at the most, some forty of 5 × 2: load shedding sees what they take while there is more to read. */
const mostWaiting = 2 ** 13;

let computations: Step[] = [];
let waiting = 0;
let answers: Step[] = [];
let isArmed = false;

/** Has a request of so many bytes computed together with others that came with it: code that runs in a row stays in the caches. */
export function computeAfterReading(compute: Step, bytes: number): void {
  computations.push(compute);
  waiting += bytes;
  if (waiting < mostWaiting) arm();
  else computeAll();
}

/** Has an answer written together with others, when all have been computed: many writes in a row cost less than one by one. */
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
  waiting = 0;
  runAll(steps, (rest) => computations.unshift(...rest));
}

function sendAll(): void {
  const steps = answers;
  answers = [];
  runAll(steps, (rest) => answers.unshift(...rest));
}

/** Runs steps in a row. The error of one that throws is for the caller, and the steps behind it have the next turn. */
function runAll(steps: readonly Step[], keep: (rest: readonly Step[]) => void): void {
  let ran = 0;
  try {
    for (; ran < steps.length; ran++) steps[ran]();
  } finally {
    if (ran < steps.length) {
      keep(steps.slice(ran + 1));
      arm();
    }
  }
}
