import type { TaskInput } from '../../src/tasks/task.ts';

/** What an executor is given to do for a request that has all the time. */
export const workOf = (asked: Pick<TaskInput, 'task' | 'query'>): TaskInput => ({
  ...asked,
  accepts: 'json',
  limits: { maxElements: 1_000_000 },
  problemContext: { path: '/v1/kl-divergence', requestId: 'a' },
  received: 0,
  deadline: Number.POSITIVE_INFINITY,
});

/** More than any test takes. */
export const budgets = { slots: { inline: 9, small: 9, large: 9, stream: 9 }, bytes: 2 ** 30, elements: 2 ** 30 };
