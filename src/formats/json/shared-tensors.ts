import { isOutcomeList } from '../../core/outcomes/outcome-list.ts';
import { attempt } from '../../errors/fault-list.ts';
import { RequestError, refuse } from '../../errors/request-error.ts';
import { keepingArrays } from '../../memory/task-memory.ts';
import type { Defaults } from '../../schema/parse-batch.ts';
import type { SentOperand } from '../operands.ts';
import { pointerOf } from '../parameters.ts';
import { observationsIn, type SampleRows } from '../sample-rows.ts';
import type { ReadSides } from '../samples.ts';
import type { TensorRules } from '../tensor-rules.ts';
import { jsonOfTensor } from '../with-tensors.ts';
import { decodeOperand } from './decode-list.ts';
import { decodeSamples } from './decode-samples.ts';

/** What the items of a batch share, by its name and how it was read, and the elements that they have used of it. */
type Shared<Read> = { readonly decoded: Decoded<Read>[]; used: number };

/** What was decoded, and the two numbers by which one way to decode it is told from another. */
type Decoded<Read> = { readonly from: number; readonly to: number; readonly read: Read | RequestError };

const none = (name: string): never => {
  throw new Error(`no ${name} is shared`);
};

export const noSharedTensors: ReadSides = { tensor: none, samples: none };

/**
 * Returns a reader of the tensors and samples of `defaults`, each decoded once for each domain that items read it in. What has faults is
 * decoded again for an item whose weights leave distributions out. Faults point into `defaults`.
 * @param maxElements of a tensor, and of all uses of shared tensors together: each use is computed, though it is sent once
 * @throws RequestError the faults of a tensor, TOO_MANY_ELEMENTS
 */
export function sharedTensors(defaults: Defaults, maxElements: number): ReadSides {
  const [tensors, samples] = [new Map<string, Shared<SentOperand>>(), new Map<string, Shared<SampleRows>>()];
  const pointerTo = (name: string) => pointerOf(`defaults.${name}`);
  const tensor: ReadSides['tensor'] = (name, { unread, unreadRows, ...rules }) => {
    const { lowest, highest } = rules.domain;
    const decode = (mask: Pick<TensorRules, 'unread' | 'unreadRows'>) =>
      decodeOperand(jsonOfTensor(defaults, name), pointerTo(name), { ...rules, ...mask });
    const shared = sharedOf(tensors, name);
    const read = decodedOnce(shared, [lowest, highest], () => decode({}), unread && (() => decode({ unread, unreadRows })));
    return counted(read, shared, isOutcomeList(read) ? read.values.length : read.data.length, name);
  };
  const readSamples: ReadSides['samples'] = (name, rules) => {
    const decode = (isUnread: typeof rules.isUnread) => decodeSamples(defaults[name], pointerTo(name), { ...rules, isUnread });
    const shared = sharedOf(samples, name);
    const read = decodedOnce(
      shared,
      [0, Number(rules.hasMissing)],
      () => decode(() => false),
      () => decode(rules.isUnread),
    );
    return counted(read, shared, observationsIn(read), name);
  };
  const counted = <Read>(read: Read, shared: Shared<Read>, elements: number, name: string): Read => {
    shared.used += elements;
    if (shared.used <= maxElements) return read;
    const detail = `the items of a batch may use a shared tensor for ${maxElements} elements together: send fewer items at a time`;
    throw refuse('TOO_MANY_ELEMENTS', pointerTo(name), detail);
  };
  return { tensor, samples: readSamples };
}

function sharedOf<Read>(all: Map<string, Shared<Read>>, name: string): Shared<Read> {
  const shared = all.get(name) ?? { decoded: [], used: 0 };
  all.set(name, shared);
  return shared;
}

/** @param again decodes what has faults without the elements that are not read; undefined where all are */
function decodedOnce<Read>(
  { decoded }: Shared<Read>,
  [from, to]: readonly [number, number],
  decode: () => Read,
  again: (() => Read) | undefined,
): Read {
  let known = decoded.find((one) => one.from === from && one.to === to);
  if (known === undefined) {
    known = { from, to, read: attempt(() => keepingArrays(decode)) };
    decoded.push(known);
  }
  if (!(known.read instanceof RequestError)) return known.read;
  if (again === undefined) throw known.read;
  return again();
}
