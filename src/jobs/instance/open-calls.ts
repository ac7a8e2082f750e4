import { refuse } from '../../errors/request-error.ts';
import { receivedError } from '../../errors/sent-error.ts';
import type { JobView } from '../job-answer.ts';
import type { Call, Methods, Told } from './calls.ts';

type Question = Exclude<Call, { cancel: number }>;

type Asked = {
  readonly call: Question;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  readonly tell: ((view: JobView) => void) | undefined;
  isAskedAgain: boolean;
};

const reads: readonly (keyof Methods)[] = ['find', 'list', 'load'];

/** What the thread of jobs was asked and has not answered yet. */
export function createOpenCalls() {
  const open = new Map<number, Asked>();

  function reject(id: number, error: unknown): void {
    const one = open.get(id);
    open.delete(id);
    one?.reject(error);
  }

  return {
    all: () => open.values().map(({ call }) => call),
    /** @returns the answer @param tell of a watch: what is told of the job until then */
    add: <Value>(call: Question, tell: Asked['tell']): Promise<Value> => {
      const { promise, resolve, reject } = Promise.withResolvers<Value>();
      open.set(call.id, { call, resolve, reject, tell, isAskedAgain: false });
      return promise;
    },
    reject,
    settle: (message: Extract<Told, { id: number }>) => {
      const one = open.get(message.id);
      if ('told' in message) one?.tell?.(message.told);
      else if ('value' in message) {
        open.delete(message.id);
        one?.resolve(message.value as never);
      } else reject(message.id, receivedError(message));
    },
    /**
     * Refuses what was asked of a lost thread. Where another comes, watches go on there, and what only reads is asked once more. What
     * changes jobs may have done so or not; it may also be what the thread was lost by.
     */
    refuseLost: (isAnotherComing: boolean) => {
      for (const [id, one] of open) {
        if (one.tell !== undefined) continue;
        if (isAnotherComing && !one.isAskedAgain && reads.includes(one.call.method)) one.isAskedAgain = true;
        else reject(id, unavailable('the thread of jobs was lost before it answered'));
      }
    },
  };
}

/** @returns JOBS_UNAVAILABLE */
export const unavailable = (detail: string) => refuse('JOBS_UNAVAILABLE', '#', detail, 5);
