import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { docPage, folderWithDocument, listening, listeningForJobs, run } from '../docs/page.ts';

type Python = { readonly name: string; readonly scripts: string };

/** A Python that has these modules, and where the programs of its packages lie. */
function pythonWith(modules: string): Python | undefined {
  for (const name of ['python3', 'python']) {
    const { status, stdout } = spawnSync(name, ['-c', `import sysconfig, ${modules}; print(sysconfig.get_path("scripts"))`]);
    if (status === 0) return { name, scripts: stdout.toString().trim() };
  }
  return undefined;
}

const python = pythonWith('numpy, openapi_python_client');
const skip = python === undefined ? 'no Python with numpy and openapi-python-client is here' : false;
const withSafetensors = pythonWith('numpy, openapi_python_client, safetensors');

const page = docPage('docs/clients.md');
const heading = 'Typed client in Python';

const clients = new Map<string, ReturnType<typeof newProject>>();

/** A caller's folder with the client that the page's command makes, once for all tests, and how to run a program in it. */
function project(python: Python = { name: '', scripts: '' }): ReturnType<typeof newProject> {
  if (!clients.has(python.name)) clients.set(python.name, newProject(python));
  return clients.get(python.name) as ReturnType<typeof newProject>;
}

async function newProject({ name, scripts }: Python) {
  const cwd = folderWithDocument();
  const generated = await run('sh', ['-c', page.command(heading, 'openapi-python-client')], { cwd, path: [scripts] });
  return { cwd, generated, execute: (code: string) => run(name, ['-c', code], { cwd }) };
}

test('openapi-python-client makes a client of the document without a warning, with every operation and every model', {
  skip,
}, async () => {
  const { cwd, generated } = await project(python);
  assert.deepEqual([generated.status, generated.err], [0, '']);
  assert.match(generated.out, /^Generating \S+\s*$/);
  const document = JSON.parse(readFileSync(join(cwd, 'openapi/openapi.json'), 'utf8'));
  const operations = Object.values<Record<string, { operationId: string }>>(document.paths).flatMap((path) => Object.values(path));
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  assert.deepEqual(
    globSync('kl_divergence_client/api/*/[!_]*.py', { cwd })
      .map((file) => file.replace(/^.*\/|\.py$/g, ''))
      .sort(),
    operations.map(({ operationId }) => snake(operationId)).sort(),
  );
  const models = readFileSync(join(cwd, 'kl_divergence_client/models/__init__.py'), 'utf8');
  for (const [name, { type }] of Object.entries<{ type?: string }>(document.components.schemas)) {
    if (type === 'object') assert.match(models, new RegExp(`import ${name}_?\\b`));
  }
});

const [example, safetensors] = page.blocks('python', heading);

test('the Python client of the page on clients calls the service and prints the divergences', { skip }, async () => {
  const { execute } = await project(python);
  const { out, err } = await execute(example.replace('http://127.0.0.1:3000', await listening()));
  assert.match(out, /^0\.1611\d+\n\[0\.0560\d* 0\.2662\d*\]\n$/, err);
});

test('what is refused comes back as a problem that Python knows', { skip }, async () => {
  const { execute } = await project(python);
  const refused = example.replace('http://127.0.0.1:3000', await listening()).replace('target=target.tolist()', 'target=[[1.0]]');
  const { err } = await execute(refused);
  assert.match(err, /^ValueError: SHAPE_MISMATCH: .*\n$/m);
  const { out } = await execute(
    refused.replace('    raise', '    print(answer.status, [error.pointer for error in answer.errors])\n    raise'),
  );
  assert.equal(out, "422 ['#/target']\n");
});

test('tensors in every form, what is infinite, and explanations are read by the Python client', { skip }, async () => {
  const { execute } = await project(python);
  const { out, err } = await execute(`${example.replace('http://127.0.0.1:3000', await listening())}
import base64
from kl_divergence_client.api.kl_divergence import explain_kl_divergence
from kl_divergence_client.api.service import info
from kl_divergence_client.models import Base64Tensor, FlatTensor, Kind

def ask(input, target, kind=Kind.LOGITS):
    request = KlDivergenceRequest(input_=input, target=target, input_kind=kind, target_kind=kind, reduction="all")
    return kl_divergence.sync(client=client, body=request).results

flat = ask(FlatTensor(shape=[2, 3], data=input.ravel().tolist()), target.tolist()).per_distribution
print(flat.shape, np.array(flat.data))
text = lambda array: base64.b64encode(array.tobytes()).decode()
bytes_ = ask(Base64Tensor(shape=[2, 3], base64=text(input)), Base64Tensor(shape=[2, 3], base64=text(target))).per_distribution
print(bytes_.shape, np.frombuffer(base64.b64decode(bytes_.base64)))
infinite = ask([[1.0, 0.0], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]], Kind.PROBS)
print(float(infinite.sum_), np.array(infinite.per_distribution, dtype=float))
print(explain_kl_divergence.sync(client=client, body=request).reductions.distribution_mean.formula)
print(info.sync(client=client).limits.rank)
`);
  assert.match(out, /^.*\n.*\n\[2\] \[0\.0560\d* 0\.2662\d*\]\n\[2\] \[0\.0560\d* 0\.2662\d*\]\ninf \[inf {1,2}0\.\]\n.+\n32\n$/, err);
});

test('several divergences, a batch that shares its reference, and a model of /v2 go through the Python client', { skip }, async () => {
  const { execute } = await project(python);
  const { out, err } = await execute(`${example.replace('http://127.0.0.1:3000', await listening())}
from kl_divergence_client.api.divergences import divergences, divergences_batch
from kl_divergence_client.api.open_inference_protocol import infer
from kl_divergence_client.models import (
    DivergencesBatch, DivergencesBatchDefaults, DivergencesItem, DivergencesRequest, InferenceDatatype, InferenceInput, InferenceInputName,
    InferenceModelName, InferenceParameters, InferenceRequest, Kind,
)

counts = dict(input_kind=Kind.COUNTS, target_kind=Kind.COUNTS, pseudocount=0.5, reduction=ReductionName.SUM)
bins, reference = [[40, 30, 25, 5]], [[50, 30, 20, 0]]
request = DivergencesRequest(input_=bins, target=reference, divergences=["jeffreys", "renyi:2"], **counts)
family = divergences.sync(client=client, body=request).divergences
print({name: round(family[name].results.sum_, 6) for name in family.additional_keys})
defaults = DivergencesBatchDefaults(target=reference, weights=[1], divergences=["jeffreys"], **counts)
many = DivergencesBatch(defaults=defaults, items=[DivergencesItem(input_=bins), DivergencesItem(input_=[[1, 2]])])
for item in divergences_batch.sync(client=client, body=many).items:
    print(item.status if hasattr(item, "problem") else item.divergences["jeffreys"].results.sum_)
about = dict(shape=[1, 4], datatype=InferenceDatatype.INT64)
inputs = [InferenceInput(name=InferenceInputName.INPUT, data=bins, **about), InferenceInput(name=InferenceInputName.TARGET, data=reference, **about)]
asked = InferenceRequest(inputs=inputs, parameters=InferenceParameters(**counts))
answer = infer.sync(InferenceModelName.JEFFREYS, client=client, body=asked)
print(answer.model_name, answer.outputs[0].data)
`);
  const [, , family, ok, refused, model] = out.split('\n');
  assert.deepEqual([family, refused], ["{'jeffreys': 0.149877, 'renyi:2': 0.075462}", '422'], err);
  assert.match(ok, /^0\.1498770/);
  assert.match(model, /^jeffreys \[0\.1498770/);
});

test('lists of outcomes go through the Python client, and their terms come back with their outcomes', { skip }, async () => {
  const { execute } = await project(python);
  const { out, err } = await execute(`${example.replace('http://127.0.0.1:3000', await listening())}
from kl_divergence_client.models import Kind, OutcomeList, Rest

probs = dict(input_kind=Kind.PROBS, target_kind=Kind.PROBS, reduction=[ReductionName.NONE, ReductionName.SUM])
named = KlDivergenceRequest(
    input_=OutcomeList(outcomes=["a", "b"], values=[0.5, 0.25]), target=OutcomeList(outcomes=["b"], values=[0.5]), rest=Rest.BUCKET, **probs
)
listed = kl_divergence.sync(client=client, body=named)
print(listed.results.none.outcomes, round(listed.results.sum_, 6), listed.coverage.input_.least)
ids = OutcomeList(outcomes=[[0], [1, 2]], values=[[1.0], [0.5, 0.5]])
beside = kl_divergence.sync(client=client, body=KlDivergenceRequest(input_=[[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]], target=ids, **probs))
print(beside.results.none, round(beside.results.sum_, 6))
`);
  const [, , named, beside] = out.split('\n');
  assert.equal(named, "['b', None] 0.143841 0.25", err);
  assert.match(beside, /^\[\[0\.69\d+, 0(\.0)?, 0(\.0)?\], \[0(\.0)?, 0(\.0)?, 0(\.0)?\]\] 0\.693147$/, err);
});

test('a job is submitted, followed, listed and deleted by the Python client', { skip }, async () => {
  const { execute } = await project(python);
  const { address, samples } = await listeningForJobs();
  const { out, err } = await execute(`
from kl_divergence_client import Client
from kl_divergence_client.api.jobs import cancel_job, delete_job, job, jobs, submit_job
from kl_divergence_client.models import JobRequest, JobStatus, StoredOperand

client = Client(base_url="${address}")
uri = "${samples}float32.safetensors"
request = JobRequest(
    input_=StoredOperand(uri=[uri, uri], tensor="input"), target=StoredOperand(uri=[uri, uri], tensor="target"), statistics=True
)
one = submit_job.sync(client=client, body=request, idempotency_key="typed", prefer="wait=10")
while not one.done:
    one = job.sync(one.id, client=client)
print(one.status.value, one.progress.distributions.done, len(one.sources), one.result.results.sum_ > 0, len(one.result.statistics.largest))
print([listed.id == one.id for listed in jobs.sync(client=client, status=JobStatus.SUCCEEDED, limit=1).jobs])
print(cancel_job.sync(one.id, client=client).status.value)
print(delete_job.sync_detailed(one.id, client=client).status_code.value, job.sync(one.id, client=client).code)
`);
  assert.equal(out, 'succeeded 4 1 True 4\n[True]\nsucceeded\n204 JOB_NOT_FOUND\n', err);
});

test('the safetensors of the page on clients go through the Python client', {
  skip: withSafetensors === undefined ? 'no Python with numpy, openapi-python-client and safetensors is here' : false,
}, async () => {
  const { execute } = await project(withSafetensors);
  const code = `${example}\n${safetensors}\nprint(answer.results.distribution_mean, np.array(answer.results.none).shape)`;
  const { out, err } = await execute(code.replace('http://127.0.0.1:3000', await listening()));
  assert.match(out, /\n0\.1611\d+ \(2, 3\)\n$/, err);
});
