import { requestFields } from '../../schema/request.ts';
import { mediaTypes } from '../hooks/content-type.ts';
import { lineExamples } from './batch-examples.ts';

type Content = Record<string, { schema?: unknown; examples?: unknown }>;

type Operation = {
  security?: unknown[];
  parameters?: unknown[];
  requestBody?: { content: Content };
  responses: Record<string, { content: Content }>;
};

/** What of an OpenAPI document is changed here. */
export type Document = { readonly paths: Record<string, Record<string, Operation>> };

/** A format of an operation beside JSON. */
type SecondFormat = {
  readonly request: string;
  readonly contentMediaType: string;
  readonly answer: { readonly type: string; readonly schema: string; readonly description: string };
  readonly parameters?: readonly Readonly<Record<string, unknown>>[];
};

const [safetensors] = mediaTypes.safetensors;
const [lines] = mediaTypes.lines;
const bytes = 'application/octet-stream';

const secondFormats: Readonly<Record<string, SecondFormat>> = {
  '/v1/kl-divergence': {
    request:
      'A safetensors file with the tensors `input` and `target`, each F64, F32, F16 or BF16. The options stand in the query. ' +
      `\`${safetensors}\` is the same, under the better name.`,
    contentMediaType: safetensors,
    answer: {
      type: safetensors,
      schema: 'KlDivergenceAnswer',
      description:
        `With \`Accept: ${safetensors}\`, the answer as a safetensors file: the tensors of \`results\` as F64, and every other member, ` +
        'the numbers of `results` too, as JSON text of the same name in `__metadata__`.',
    },
    parameters: requestFields
      .filter((name) => name !== 'input' && name !== 'target')
      .map((name) => ({
        name,
        in: 'query',
        description: `\`${name}\` of the request, for a safetensors body only. Several values are separated by commas.`,
        schema: { type: 'string' },
      })),
  },
  '/v1/kl-divergence/batch': {
    request:
      `A stream of requests, a \`KlDivergenceItem\` on each line: any number of them, each of at most as many bytes as a body. \`${lines}\` is the ` +
      `same, under the better name.\n\n${fenced(lineExamples.request)}`,
    contentMediaType: lines,
    answer: {
      type: lines,
      schema: 'KlDivergenceBatchAnswer',
      description:
        'To a stream of requests a stream of answers: the entries of `items`, each on a line, in the order of the requests and as soon as each is ready, ' +
        'and a last line with the totals. Where the body breaks off, a line with its problem comes before that. Read while you send: who does not is ' +
        `not read either.\n\n${fenced(lineExamples.answer())}`,
    },
  },
  '/v2/models/kl_div/infer': {
    request:
      'The JSON, then the bytes of the inputs that have a `binary_data_size`, little-endian and row-major. Any Content-Type is taken.',
    contentMediaType: bytes,
    answer: {
      type: bytes,
      schema: 'InferenceResponse',
      description:
        'Where an output is asked for with `binary_data`: the same JSON, as many bytes as `Inference-Header-Content-Length` says, then the bytes ' +
        'of the outputs that have a `binary_data_size`, little-endian float64.',
    },
    parameters: [
      {
        name: 'Inference-Header-Content-Length',
        in: 'header',
        description: 'How many bytes of the body, uncompressed, are JSON, where bytes of tensors follow it.',
        schema: { type: 'integer' },
      },
    ],
  },
};

/** Adds the bodies that no schema describes. Generators of clients know no names for them but plain bytes, and refuse those that they do not know. */
export function withSecondFormats(document: Document): Document {
  for (const [path, { request, contentMediaType, answer, parameters }] of Object.entries(secondFormats)) {
    const { post } = document.paths[path];
    if (post.requestBody !== undefined) {
      post.requestBody.content[bytes] = { schema: { type: 'string', format: 'binary', contentMediaType, description: request } };
    }
    // the same answer, written otherwise: a schema of its own would make clients believe that any answer may be bytes
    post.responses['200'].content[answer.type] = {
      schema: { $ref: `#/components/schemas/${answer.schema}`, description: answer.description },
    };
    if (parameters !== undefined) post.parameters = [...parameters];
  }
  return document;
}

function fenced(text: string): string {
  return `\`\`\`json\n${text.trimEnd()}\n\`\`\``;
}
