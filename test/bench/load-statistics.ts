import { type Answer, closes, codeOf, isRefusal } from './answer.ts';
import { quantile } from './rounds.ts';

/** What is asked of the generator: so many requests a second, whether or not they are answered. */
export type Load = {
  readonly rate: number;
  readonly seconds: number;
  /** Which share of the requests is large. */
  readonly large: number;
  /** Whether large bodies wait for `100 Continue`. */
  readonly expects: boolean;
};

/** An answer later than this does the client no good. */
export const goodWithin = 250;

/** Then the client gives up, and closes its connection. */
export const answerTimeoutMs = 1000;

/**
 * What can become of a request: answered in time, answered late, refused as it should be, answered otherwise, its connection lost, or
 * given up by the client.
 */
const outcomes = ['good', 'late', 'refused', 'wrong', 'reset', 'timeout'] as const;
const sizes = ['small', 'large'] as const;

export type Outcome = (typeof outcomes)[number];
export type Size = (typeof sizes)[number];

/** Latencies in ms from when a request should have been sent. */
export type Latencies = { readonly count: number; readonly p50: number; readonly p99: number };

/** How many ms a request took, from when it should have been sent and from when it was. */
type Times = { readonly sinceDue: number; readonly sinceSent: number };

export type Statistics = {
  readonly seconds: number;
  readonly bySize: Readonly<Record<Size, Readonly<Record<Outcome, Latencies>>>>;
  /** Of all requests, those given up counting as answered then. */
  readonly all: Latencies;
  /** Of refusals, from when the request was sent: how late the generator was, and how long it had no connection, left out. */
  readonly refused: Latencies;
  /** How late the generator itself was. */
  readonly lag: Latencies;
  /** How many requests were given up before there was a connection for them. */
  readonly unsent: number;
  /** Answers that were neither 200 nor a proper refusal: how often each came. */
  readonly wrong: Readonly<Record<string, number>>;
};

/** Keeps count of what becomes of requests. */
export function tally() {
  const latencies: Record<Size, Record<Outcome, number[]>> = { small: lists(), large: lists() };
  const lags: number[] = [];
  const refusedSinceSent: number[] = [];
  const wrong: Record<string, number> = {};
  let unsent = 0;

  return {
    lag: (ms: number) => lags.push(ms),
    /** @param answer undefined where the connection was lost */
    ended: (size: Size, { sinceDue, sinceSent }: Times, answer: Answer | undefined, withheld: boolean) => {
      const outcome = outcomeOf(answer, sinceDue, withheld);
      latencies[size][outcome].push(sinceDue);
      if (outcome === 'refused') refusedSinceSent.push(sinceSent);
      if (outcome === 'wrong' && answer !== undefined) {
        const name = `${answer.status} ${codeOf(answer.body) ?? 'without a code'}`;
        wrong[name] = (wrong[name] ?? 0) + 1;
      }
    },
    givenUp: (size: Size, sent: boolean) => {
      latencies[size].timeout.push(answerTimeoutMs);
      if (!sent) unsent++;
    },
    statistics: (seconds: number): Statistics => {
      const of = (size: Size) => Object.fromEntries(outcomes.map((outcome) => [outcome, summary(latencies[size][outcome])]));
      return {
        seconds,
        bySize: Object.fromEntries(sizes.map((size) => [size, of(size)])) as Statistics['bySize'],
        all: summary(sizes.flatMap((size) => outcomes.flatMap((outcome) => latencies[size][outcome]))),
        refused: summary(refusedSinceSent),
        lag: summary(lags),
        unsent,
        wrong,
      };
    },
  };
}

/** How many requests ended in one of some ways. */
export function countOf({ bySize }: Statistics, ...chosen: readonly Outcome[]): number {
  return sizes.flatMap((size) => chosen.map((outcome) => bySize[size][outcome].count)).reduce((sum, count) => sum + count, 0);
}

/** The statistics in a line: what became of each size. */
export function inWords({ bySize, lag, unsent, wrong }: Statistics): string {
  const parts = sizes.map((size) => {
    const met = outcomes.filter((outcome) => bySize[size][outcome].count > 0);
    const each = met.map((outcome) => `${bySize[size][outcome].count} ${outcome} (${timesOf(bySize[size][outcome])})`);
    return `${size}: ${each.join(', ')}`;
  });
  const others = Object.entries(wrong).map(([name, count]) => `; ${count} times ${name}`);
  return `${parts.join('; ')}; sends late by ${timesOf(lag)}${unsent > 0 ? `; ${unsent} never sent` : ''}${others.join('')}`;
}

function timesOf({ p50, p99 }: Latencies): string {
  return `${Math.round(p50)}, ${Math.round(p99)} ms`;
}

function outcomeOf(answer: Answer | undefined, ms: number, withheld: boolean): Outcome {
  if (answer === undefined) return 'reset';
  if (answer.status === 200 && answer.framed) return ms <= goodWithin ? 'good' : 'late';
  // a body that was never sent leaves the connection of no use, whoever closes it
  return isRefusal(answer) && (withheld || !closes(answer.head)) ? 'refused' : 'wrong';
}

function lists(): Record<Outcome, number[]> {
  return Object.fromEntries(outcomes.map((outcome) => [outcome, [] as number[]])) as Record<Outcome, number[]>;
}

function summary(samples: readonly number[]): Latencies {
  if (samples.length === 0) return { count: 0, p50: 0, p99: 0 };
  return { count: samples.length, p50: quantile(samples, 0.5), p99: quantile(samples, 0.99) };
}
