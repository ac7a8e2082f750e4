import type { ParametricComparison } from '../core/closed-forms/closed-forms.ts';
import type { Comparison, Operand, SideName } from '../core/comparison.ts';
import type { PointsComparison } from '../core/neighbors/neighbor-estimates.ts';
import type { Listed } from '../core/outcomes/listed.ts';
import type { ReductionName } from '../core/reductions.ts';
import type { Histogram } from '../core/samples/histogram.ts';
import type { NumberScanner } from '../kernels/number-scanner.ts';
import type { BodyReader } from '../memory/shared-body.ts';
import type { Options, ParametricOptions, SampleOptions } from '../schema/parse-request.ts';
import type { Unsure } from '../tensor/domain.ts';
import type { Numbers, Tensor } from '../tensor/tensor.ts';
import type { IgnoredField } from '../warnings/warning.ts';

/** How a tensor was written, and so how the tensors of its answer are written. */
export type TensorForm = 'nested' | 'flat' | 'base64';

/**
 * A tensor as it was sent; `isSpread` where it was made of a list of outcomes: numbers without mass may be those that the list lacks;
 * `isOfBytes` where it came as bytes, although the answer has nested lists.
 */
export type DecodedTensor = Tensor<Numbers> & { readonly form: TensorForm; readonly isSpread?: boolean; readonly isOfBytes?: boolean };

/** Both tensors, of one shape, each with the kind that says how its numbers are read, and their weights. */
export type Operands = Readonly<Record<SideName, Operand & { readonly tensor: DecodedTensor }>> & {
  readonly weights: Comparison['weights'];
  /** Where both were matched outcome by outcome; absent where they lie as tensors do. */
  readonly listed?: Listed | undefined;
};

/** What samples were counted in, and what is to be known of them beside their counts. */
export type Binned = Pick<Histogram, 'categories' | 'edges' | 'bins'> & {
  /** Whether the last outcome is not a bin but what was missing. */
  readonly hasMissing: boolean;
  /** How many observations the larger side has. */
  readonly observations: number;
};

/** Both sides as parameters of distributions, which lie in a common shape, and their weights. */
export type ParametricOperands = Omit<ParametricComparison, 'axes'> & {
  readonly shape: readonly number[];
  /** The form of the tensors of the answer. */
  readonly form: TensorForm;
  /** How many numbers the larger side has. */
  readonly elements: number;
};

/** Both sides as points, and their weights. */
export type PointsOperands = Omit<PointsComparison, 'axes'> & {
  /** The shape without that of the observations: of the distributions, and the number of coordinates. */
  readonly shape: readonly number[];
  readonly form: TensorForm;
  /** How many numbers the larger side has. */
  readonly elements: number;
};

/** A request as the reader of every format returns it: options checked, tensors decoded. */
export type DivergenceRequest = DenseRequest | ParametricRequest | PointsRequest;

/** Where both sides are samples, the operands are the counts of their bins. */
export type DenseRequest = Omit<Options, 'reduction' | 'rest'> & Operands & Asked & { readonly binned?: Binned };

export type ParametricRequest = Omit<ParametricOptions, 'reduction' | 'rest'> & ParametricOperands & Asked;

/** Samples as points, whose neighbours are compared. */
export type PointsRequest = Omit<SampleOptions, 'reduction' | 'rest' | 'k'> & PointsOperands & Asked;

type Asked = {
  /** Absent where the caller leaves the choice to the service. */
  readonly reduction?: ReductionName | 'all' | readonly ReductionName[] | undefined;
  /**
   * Checks elements that came as bytes against the domain of their kind. Absent where the reader has checked them: the kernel, which sees
   * every element anyway, makes this pass superfluous but for the distributions that it does not trust. @throws RequestError the faults of
   * both tensors
   */
  readonly checkElements?: (unsure?: Unsure) => void;
  /**
   * Blocks the thread until the first `count` elements of both tensors have arrived, and returns whether all have. Absent where they have.
   * Until then only a kernel that calls it reads elements; `checkElements` waits for all. @throws BodyUnavailable
   */
  readonly arrived?: ((count: number) => boolean) | undefined;
  /** Fields of the body that have no effect, in formats that do not refuse such fields. */
  readonly ignored?: readonly IgnoredField[];
};

/** Whether both sides are tensors, or what became tensors, and neither parameters nor points. */
export function isDenseRequest(request: DivergenceRequest): request is DenseRequest {
  return 'input' in request;
}

/** The shape that `dim` splits into distributions, and the form of the tensors of the answer. */
export function layoutOfRequest(request: DivergenceRequest): { readonly shape: readonly number[]; readonly form: TensorForm } {
  return isDenseRequest(request) ? request.input.tensor : request;
}

/** The query of a URL. */
export type Query = Readonly<Record<string, unknown>>;

/**
 * How a body becomes a request. With a scanner, the numbers of JSON go from the bytes straight into float64.
 * @throws RequestError the faults of options, then of tensors; BodyUnavailable
 */
export type Reader = (body: BodyReader, query: Query, maxElements: number, scanTensor?: NumberScanner) => DivergenceRequest;
