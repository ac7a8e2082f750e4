import type { Explanation } from '../service/answers.ts';
import { fromJson, toJson } from '../tensors/tensor.ts';
import { languages, literal } from './literals.ts';
import type { RequestValue } from './request-value.ts';

/** Returns what the service says that one types in PyTorch, with the tensors that it speaks of. */
export function pytorch(request: RequestValue, explanation: Explanation | undefined): string {
  const lines = explanation?.conventions.filter(({ library }) => library === 'PyTorch') ?? [];
  if (explanation === undefined || lines.length === 0) return '# PyTorch has no line for this request';
  const values = tensorsOf(request, explanation).map(([name, value]) => `${name} = ${inTorch(value)}`);
  const classes = new Set(lines.flatMap(({ expression }) => expression.match(/\b[A-Z]\w+(?=\()/g) ?? []));
  const isClosedForm = explanation.closed_form !== undefined;
  const imports = isClosedForm
    ? `from torch.distributions import kl_divergence, ${[...classes].join(', ')}`
    : 'import torch.nn.functional as F';
  const expressions = lines.map(({ expression, note }) => `print(${expression})  # ${note}`);
  const math = lines.some(({ expression }) => expression.includes('math.')) ? 'import math\n' : '';
  return `${math}import torch\n${imports}\n\n${values.join('\n')}\n\n${expressions.join('\n')}`;
}

/** Both sides as PyTorch takes them: of samples their counts, of lists the outcomes of both in one order. */
function tensorsOf(
  { tensors, options }: RequestValue,
  { bins, steps, closed_form: closedForm }: Explanation,
): (readonly [string, unknown])[] {
  return tensors.map(([name, operand]) => {
    const value = operand.file === undefined ? operand.value : undefined;
    if (name === 'weights' || closedForm !== undefined || Array.isArray(value)) {
      return [name, bins !== undefined && name !== 'weights' ? bins.counts[name] : value];
    }
    const logProbs = steps[`${name}_log_probs`]?.value;
    const isMass = options[`${name}_kind`] === 'probs' || options[`${name}_kind`] === 'counts';
    const { shape, data } = fromJson(logProbs);
    return [name, toJson({ shape, data: isMass ? data.map(Math.exp) : data })];
  });
}

function inTorch(value: unknown): string {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const items = Object.entries(value).map(([name, item]) => `"${name}": ${inTorch(item)}`);
    return `{${items.join(', ')}}`;
  }
  return `torch.tensor(${literal(value, languages.python).replaceAll('"-Infinity"', 'float("-inf")')}, dtype=torch.float64)`;
}
