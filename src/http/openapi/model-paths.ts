import { rowOf } from '../../core/divergences/named-divergence.ts';
import { type ModelName, modelNames } from '../../formats/inference/models.ts';
import type { Document } from './second-formats.ts';

function described(model: ModelName): string {
  if (model === 'kl_div') return '- `kl_div`: the divergence of `/v1/kl-divergence`.';
  const { meaning, elsewhere, parameter } = rowOf({ name: model });
  const needs = parameter === undefined ? '' : ` The parameter \`${parameter.name}\` is ${parameter.meaning}.`;
  return `- \`${model}\`: ${meaning}.${needs} Elsewhere: ${elsewhere}.`;
}

const modelName = {
  type: 'string',
  enum: modelNames,
  description: `The divergence. P is the input \`target\`, Q is the input \`input\`.\n\n${modelNames.map(described).join('\n')}`,
};

const registered = '/v2/models/kl_div';

const parameter = {
  name: 'model',
  in: 'path',
  required: true,
  description: 'The name of the model, which is that of the divergence.',
  schema: { $ref: '#/components/schemas/InferenceModelName' },
};

const noModel = {
  description: 'There is no model of this name.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/InferenceError' } } },
};

/** Shows the paths of one model, of which every model has the same, as those of any: its name becomes a parameter. */
export function withModelNames(document: Document): Document {
  const { paths, components } = document;
  for (const [path, operations] of Object.entries(paths)) {
    if (!path.startsWith(registered)) continue;
    for (const operation of Object.values(operations)) {
      operation.parameters = [parameter, ...(operation.parameters ?? [])];
      operation.responses['404'] = noModel;
    }
  }
  const shown = (path: string) => (path.startsWith(registered) ? path.replace(registered, '/v2/models/{model}') : path);
  const schemas = { ...components.schemas, InferenceModelName: modelName };
  return {
    ...document,
    components: { ...components, schemas },
    paths: Object.fromEntries(Object.entries(paths).map(([path, operations]) => [shown(path), operations])),
  };
}
