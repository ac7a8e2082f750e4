import type { KernelRunner } from '../../kernels/run-kernel.ts';

/** What `solve` uses where a thread has it. */
export type SolveTools = {
  readonly kernel?: KernelRunner | undefined;
  /** Called now and then; throws once the request is cancelled. */
  readonly check?: () => void;
  /** Told of work before it is done, where there is a limit to it. @throws TooMuchWork */
  readonly spend?: (work: number) => void;
};
