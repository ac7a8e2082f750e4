import type { z } from 'zod';
import { type SideName, sideNames } from '../core/comparison.ts';
import type { RequestKind } from '../core/kinds.ts';
import { type Fault, RequestError } from '../errors/request-error.ts';
import { nearest } from './nearest.ts';
import { parse } from './parse.ts';
import { klOptions, klRequest, requestFields } from './request.ts';
import { sampleFaults } from './sample-options.ts';

/** `divergences` stands only in requests to endpoints that know it. */
export type ParsedRequest = z.infer<typeof klRequest> & AskedDivergences;

export type Options = z.infer<typeof klOptions> & AskedDivergences;

export type AskedDivergences = { readonly divergences?: readonly string[] };

/** What the requests of an endpoint may hold. */
export type Contract = {
  readonly request: z.ZodType<ParsedRequest>;
  readonly options: z.ZodType<Options>;
  readonly fields: readonly string[];
};

/** A request for KL. */
export const klContract: Contract = { request: klRequest, options: klOptions, fields: requestFields };

/** Options whose value may be a list. */
export const listOptions = ['dim', 'reduction', 'statistics', 'divergences', 'bins'];

/**
 * Checks the envelope of a request and fills in the defaults; the tensors pass through as they are.
 * @throws RequestError UNKNOWN_FIELD, INVALID_VALUE
 */
export function parseRequest(body: unknown, { request, fields }: Contract = klContract): ParsedRequest {
  return checked(parse(request, body, listOptions, (key) => unknownFieldHint(key, fields)));
}

/**
 * Checks the options of a request whose tensors stand elsewhere, and fills in the defaults.
 * @throws RequestError UNKNOWN_FIELD, INVALID_VALUE
 */
export function parseOptions(given: Readonly<Record<string, unknown>>, { options, fields }: Contract = klContract): Options {
  return checked(parse(options, given, listOptions, (key) => unknownFieldHint(key, fields)));
}

/** Options that mean something for some kinds only: the value that changes nothing, and what the others do. */
const ofSomeKinds: Readonly<Record<'temperature' | 'pseudocount', { without: number; kinds: readonly RequestKind[]; does: string }>> = {
  temperature: { without: 1, kinds: ['logits'], does: 'divides logits' },
  pseudocount: { without: 0, kinds: ['counts', 'samples'], does: 'is added to counts' },
};

const optionsOfSomeKinds = Object.keys(ofSomeKinds) as (keyof typeof ofSomeKinds)[];

/** Options that go together. @throws RequestError INVALID_VALUE for options of other kinds than both sides are */
export function checked<Some extends Options>(options: Some): Some {
  const ofOthers = optionsOfSomeKinds
    .filter((option) => options[option] !== ofSomeKinds[option].without)
    .flatMap((option) =>
      sideNames
        .filter((name) => !ofSomeKinds[option].kinds.includes(options[`${name}_kind`]))
        .map((name) => otherKindFault(option, name, options[`${name}_kind`])),
    );
  const faults = [...ofOthers, ...sampleFaults(options)];
  if (faults.length > 0) throw new RequestError(faults);
  return options;
}

function otherKindFault(option: keyof typeof ofSomeKinds, name: SideName, given: RequestKind): Fault {
  const { kinds, does } = ofSomeKinds[option];
  const detail = `${option} ${does}, but ${name}_kind is ${given}: send the ${kinds[0]} of both sides, or leave ${option} out`;
  return { pointer: `#/${option}`, code: 'INVALID_VALUE', detail };
}

/** For the parameters of a normal distribution, whose divergence has a closed form. */
const parameters =
  'this endpoint compares numbers along an axis, not parameters of a distribution: evaluate both densities on one grid and send them as counts';

const smoothing = 'nothing is clipped or filled in here; what is added to every count of the kind counts is called pseudocount';

/** Known to /v1: here for `/v2`, whose answers are tensors alone. */
const ofJson = 'POST /v1/kl-divergence takes it; the answers of this protocol have no place for it';

const foreignNames: Readonly<Record<string, string>> = {
  log_target: 'PyTorch\'s log_target=True is "target_kind": "log_probs" here',
  log_input: '"input_kind": "log_probs" says that input holds logarithms',
  log_prob: 'that the tensors hold logarithms is "input_kind": "log_probs" and "target_kind": "log_probs" here',
  from_logits: 'logits are the default here: "input_kind": "logits", "target_kind": "logits"',
  axis: 'the axis of a distribution is called dim here',
  axes: 'the axes of a distribution are called dim here',
  dims: 'the axes of a distribution are called dim here, one or a list',
  size_average: 'PyTorch has replaced size_average by reduction, and so it is here',
  divergences: 'POST /v1/divergences takes several divergences; this endpoint is KL',
  divergence: 'divergences is a list of names, and belongs to POST /v1/divergences',
  beta: '"divergences": ["jensen_shannon:0.1"] at POST /v1/divergences is Jensen-Shannon with a beta of 0.1',
  alpha: '"divergences": ["renyi:2"] at POST /v1/divergences is Rényi with an alpha of 2',
  reduce: 'PyTorch has replaced reduce by reduction, and so it is here',
  reductions: 'one reduction or a list of them is called reduction here',
  quantiles: 'a list of quantiles is the value of statistics here',
  quantile: 'a list of quantiles is the value of statistics here',
  percentiles: 'quantiles from 0 to 1 are the value of statistics here: 0.99 is the 99th percentile',
  keepdim: 'results never keep the reduced axes',
  keepdims: 'results never keep the reduced axes',
  eps: smoothing,
  epsilon: smoothing,
  smoothing,
  smooth: smoothing,
  laplace: smoothing,
  add_k: smoothing,
  base_count: smoothing,
  prior_count: smoothing,
  pseudo_count: smoothing,
  pseudocounts: smoothing,
  mask: 'a mask is weights here, with true or 1 for the distributions that count',
  attention_mask: 'a mask is weights here, with true or 1 for the distributions that count',
  weight: 'the weights of the distributions are called weights here',
  sample_weight: 'the weights of the distributions are called weights here',
  rest: 'lists of outcomes are read by /v1/kl-divergence and /v1/divergences; here both sides are tensors',
  outcomes: 'outcomes belong into an operand: {"input": {"outcomes": […], "values": […]}}',
  top_logprobs: 'send {"outcomes": […], "values": […]} with the tokens and their log-probabilities as input and target',
  prompt_logprobs: 'send {"outcomes": […], "values": […]} with the token ids and their log-probabilities as input and target',
  logprobs: 'send {"outcomes": […], "values": […]} with the tokens and their log-probabilities as input and target',
  add_tail: 'one more outcome for the rest is "rest": "bucket" here, for lists of outcomes',
  tail: 'one more outcome for the rest is "rest": "bucket" here, for lists of outcomes',
  ignore_index: 'what is to be ignored has the weight 0 in weights',
  t: 'what logits are divided by is called temperature here',
  tau: 'what logits are divided by is called temperature here',
  p: 'P, the data or reference, is called target here',
  q: 'Q, the model or approximation, is called input here',
  pk: "SciPy's pk is target here",
  qk: "SciPy's qk is input here",
  y_true: "Keras's y_true is target here",
  y_pred: "Keras's y_pred is input here",
  preds: "TorchMetrics's preds is input here",
  prediction: 'what a model predicts is input here, what it is compared with target',
  predictions: 'what a model predicts is input here, what it is compared with target',
  predicted: 'what a model predicts is input here, what it is compared with target',
  label: 'labels are target here, as distributions: one-hot rows where they are classes',
  labels: 'labels are target here, as distributions: one-hot rows where they are classes',
  expected: 'the expected or reference data are target here',
  actual: 'the data are target here, the model or expectation input: the direction is D(target || input)',
  reference: 'in D(target || input) the reference is target if it is P, input if it is Q; drift tools differ',
  current: 'in D(target || input) the current data are target if they are P, input if they are Q; drift tools differ',
  baseline: 'in D(target || input) the baseline is target if it is P, input if it is Q; drift tools differ',
  production: 'in D(target || input) the production data are target if they are P, input if they are Q; drift tools differ',
  student: "the student's tensor is input here",
  student_logits: "the student's logits are input here",
  teacher: "the teacher's tensor is target here",
  teacher_logits: "the teacher's logits are target here",
  logits: 'send two tensors, input and target; "input_kind": "logits" says what they are',
  probs: 'send two tensors, input and target; "input_kind": "probs" says what they are',
  mu: parameters,
  mean: parameters,
  loc: parameters,
  std: parameters,
  sigma: parameters,
  scale: parameters,
  var: parameters,
  variance: parameters,
  logvar: parameters,
  log_var: parameters,
  covariance: parameters,
  bins: ofJson,
  missing: ofJson,
  sampling: ofJson,
  confidence: ofJson,
  seed: ofJson,
  n_bins: 'the bins of samples are called bins here, a number, a rule or edges',
  nbins: 'the bins of samples are called bins here, a number, a rule or edges',
  bin_edges: 'edges of bins are a list in bins here',
  bucket_type: 'how samples get their bins is called bins here: "deciles", a number or edges',
  buckets: 'the bins of samples are called bins here, a number, a rule or edges',
  n_bootstrap: 'a confidence interval is asked for by "confidence": 0.95',
  random_state: 'what draws the observations for confidence is called seed here',
  dropna: 'missing observations are refused, or an outcome of their own with "missing": "category"',
};

/** What may be meant by a name that is none of `fields`. */
export function unknownFieldHint(key: string, fields: readonly string[]): string {
  return likelyMeant(key, fields) ?? `the fields are ${fields.join(', ')}`;
}

/** The same where there is one that is likely. */
export function likelyMeant(key: string, fields: readonly string[]): string | undefined {
  const name = key.toLowerCase();
  if (Object.hasOwn(foreignNames, name)) return foreignNames[name];
  const near = nearest(key, fields);
  return near === undefined ? undefined : `did you mean ${near}?`;
}
