import { batch } from './groups/batch.ts';
import { beside } from './groups/beside.ts';
import { binary } from './groups/binary.ts';
import { core } from './groups/core.ts';
import { family } from './groups/family.ts';
import { faults } from './groups/faults.ts';
import { flood } from './groups/flood.ts';
import { hostileGroup as hostile } from './groups/hostile.ts';
import { jobs } from './groups/jobs.ts';
import { large } from './groups/large.ts';
import { memory } from './groups/memory.ts';
import { none } from './groups/none.ts';
import { operating } from './groups/operating.ts';
import { outcomes } from './groups/outcomes.ts';
import { overload } from './groups/overload.ts';
import { pairs } from './groups/pairs.ts';
import { realLogits } from './groups/real-logits.ts';
import { replicas } from './groups/replicas.ts';
import { samples } from './groups/samples.ts';
import { scaling } from './groups/scaling.ts';
import { small } from './groups/small.ts';
import { start } from './groups/start.ts';
import { statistics } from './groups/statistics.ts';
import { stream } from './groups/stream.ts';
import type { Row } from './row.ts';

/** The groups of the suite by their names, in the order in which they run. Each says what it is at, and returns its figures. */
export const groups: Readonly<Record<string, (say: (line: string) => void) => Promise<Row[]>>> = {
  small,
  operating,
  batch,
  large,
  none,
  samples,
  binary,
  core,
  family,
  'real-logits': realLogits,
  pairs,
  outcomes,
  jobs,
  beside,
  hostile,
  flood,
  scaling,
  memory,
  start,
  statistics,
  stream,
  overload,
  replicas,
  faults,
};
