import { jsonReader } from '../../../src/formats/json/read-request.ts';
import { createNumberScanner } from '../../../src/kernels/number-scanner.ts';
import type { BodyReader } from '../../../src/memory/shared-body.ts';
import { klContract } from '../../../src/schema/parse-request.ts';
import { observedBody } from '../bodies.ts';
import { computePerLine } from './core-loop.ts';

const [what, rule] = process.argv.slice(2);
const bytes = Buffer.from(observedBody('samples', rule === undefined ? {} : { bins: rule }).bytes);
const numbers = new Float64Array(bytes.length / 2);
const body: BodyReader = { bytes, numbers, waitFor: () => bytes.length };
const scanTensor = createNumberScanner();
const read = jsonReader(klContract);

/** Reads the samples of both sides, and sums them. */
function summed(): number {
  let sum = 0;
  let used = 0;
  let at = 0;
  for (const _ of ['input', 'target']) {
    const found = scanTensor(body, bytes.indexOf('[', at), numbers.subarray(used));
    if (found === undefined) throw new Error('the numbers are not read');
    const { data } = found.tensor;
    for (let k = 0; k < data.length; k++) sum += data[k];
    used += data.length;
    at = found.end;
  }
  return sum;
}

/** Reads the request, and counts the samples of both sides in their bins. */
function binned(): number {
  const request = read(body, {}, numbers.length, scanTensor);
  if (!('input' in request)) throw new Error('these are no samples in bins');
  return request.input.tensor.data[0] + request.target.tensor.data[0];
}

computePerLine(what === 'summed' ? summed : binned);
