import { parametricKind } from '../../core/closed-forms/parametric-kinds.ts';
import { type SideName, sideNames, tensorNames } from '../../core/comparison.ts';
import { refuse } from '../../errors/request-error.ts';
import { areParametric, areSamples, type Contract, type DenseOptions, type Options, parseOptions } from '../../schema/parse-request.ts';
import { parseTextOptions } from '../../schema/query.ts';
import { checkTensor, type Unsure } from '../../tensor/domain.ts';
import { type DecodedTensor, isDenseRequest, type Reader } from '../divergence-request.ts';
import { checkElements, type ReadTensor } from '../operands.ts';
import { rowsOfTensor, type SampleRows, type SampleRules, sampleDomain, unreadIn } from '../sample-rows.ts';
import type { ReadSamples } from '../samples.ts';
import { withTensors } from '../with-tensors.ts';
import { arrivingRows, waitForHeader } from './arriving-rows.ts';
import { listOf } from './read-list.ts';
import { bothSides, type ExpectedTensors, readLayout, tensorsOf } from './read-tensors.ts';

/**
 * Returns a reader of safetensors bodies, whose options stand in the query of the URL. Tensors of the answer are written as nested lists.
 * @throws RequestError the faults of options, then of tensors, as in every format
 */
export const safetensorsReader =
  (contract: Contract): Reader =>
  (body, query, maxElements) => {
    const options = parseOptions(parseTextOptions(query), contract);
    const whole = () => body.waitFor(body.bytes.length);
    waitForHeader(body);
    const layout = readLayout(body.bytes, maxElements, expectedIn(options));
    const arrived = areParametric(options) || areSamples(options) ? undefined : arrivingRows(layout, body);
    if (arrived === undefined) whole();
    const tensors = tensorsOf(layout);
    const isGiven = (name: string) => Object.hasOwn(tensors, name);
    const given = areParametric(options) ? Object.keys(tensors) : tensorNames.filter((name) => isGiven(name) || isGiven(partOf(name)));
    // not spread, which would read the numbers
    const dense = (name: string): DecodedTensor => Object.assign(tensors[name], { form: 'nested' as const, isOfBytes: true });
    const tensor: ReadTensor = (name, rules) => {
      const list = partOf(name);
      if (!isGiven(name)) return listOf(name, tensors[list], tensors[`${name}.values`], rules);
      if (isGiven(list)) throw twice(name);
      return dense(name);
    };
    const samples: ReadSamples = (name, rules) => {
      if (isGiven(partOf(name))) throw noSamples(name);
      return samplesOf(dense(name), `#/${name}`, rules);
    };
    const request = withTensors(options, { given, read: { tensor, samples }, maxElements });
    // what is matched with a list has been checked before
    const areChecked = !isDenseRequest(request) || request.binned !== undefined || sideNames.some((name) => isGiven(partOf(name)));
    if (areChecked) return request;
    const check = (unsure?: Unsure) => {
      whole();
      checkElements(request, options as DenseOptions, unsure);
    };
    return { ...request, arrived, checkElements: check };
  };

/** The tensors that a body with these options may have, and those that it must have. */
function expectedIn(options: Options): ExpectedTensors {
  if (!areParametric(options)) return bothSides;
  const { parameters } = parametricKind(options.input_kind);
  const ofSide = (side: SideName) => Object.keys(parameters).map((name) => `${side}.${name}`);
  // which of them it needs depends on those that it has
  return { known: [...sideNames.flatMap(ofSide), 'weights'], missing: () => [] };
}

function partOf(name: string): string {
  return `${name}.outcomes`;
}

function twice(name: string) {
  return refuse('INVALID_VALUE', `#/${name}`, `${name} is there as a tensor and as a list of outcomes: send one of the two`);
}

function noSamples(name: SideName) {
  const detail = `expected samples, a tensor called ${name}, got a list of outcomes: its values are "counts" if they count observations`;
  return refuse('INVALID_VALUE', `#/${partOf(name)}`, detail);
}

/** A tensor has its samples in one row, or in rows of one length. */
function samplesOf(tensor: DecodedTensor, pointer: string, rules: SampleRules): SampleRows {
  checkTensor(tensor, { domain: sampleDomain(rules.hasMissing), unread: unreadIn(rules) }, pointer);
  return rowsOfTensor(tensor, pointer);
}
