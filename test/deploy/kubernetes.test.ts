import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Deployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { Service, ServiceAccount } from 'kubernetes-models/v1';
import { parse, parseAllDocuments } from 'yaml';
import openapi from '../../openapi/openapi.json' with { type: 'json' };
import { readConfig } from '../../src/config.ts';
import { compose } from './compose.ts';

const folder = new URL('../../deploy/kubernetes/', import.meta.url);
const read = (file: string) => parse(readFileSync(new URL(file, folder), 'utf8'));

const kinds = { Deployment, HorizontalPodAutoscaler, NetworkPolicy, PodDisruptionBudget, Service, ServiceAccount };

const noKubectl = spawnSync('kubectl', ['version', '--client']).status === 0 ? false : 'no kubectl is installed here';

const kustomization = read('kustomization.yaml');
const manifests = kustomization.resources.map(read);
const of = (kind: keyof typeof kinds) => manifests.find((manifest: { kind: string }) => manifest.kind === kind);

const deployment = of('Deployment');
const pod = deployment.spec.template.spec;
const [container] = pod.containers;
const environment = Object.fromEntries(container.env.map(({ name, value }: { name: string; value?: string }) => [name, value]));

test('each manifest is what the Kubernetes JSON schema of its kind says, and has no field that the schema does not know', () => {
  for (const manifest of manifests) {
    const kind = kinds[manifest.kind as keyof typeof kinds];
    assert.ok(kind !== undefined, manifest.kind);
    assert.equal(manifest.apiVersion, kind.apiVersion);
    assert.deepEqual(unknownFields(manifest, kind), [], manifest.kind);
  }
});

test('what the schemas do not know is found: a misspelt field of a container', () => {
  const misspelt = structuredClone(deployment);
  misspelt.spec.template.spec.containers[0].securitycontext = {};
  assert.deepEqual(unknownFields(misspelt, Deployment), ['/spec/template/spec/containers/0/securitycontext']);
});

test('probes ask for paths that exist, at the port that the container and the Service name', () => {
  for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
    assert.ok(probe.httpGet.path in openapi.paths, probe.httpGet.path);
    assert.equal(probe.httpGet.port, container.ports[0].name);
  }
  assert.equal(container.readinessProbe.httpGet.path, '/readyz');
  assert.equal(container.livenessProbe.httpGet.path, '/livez');
  assert.equal(of('Service').spec.ports[0].targetPort, container.ports[0].name);
  assert.equal(container.ports[0].containerPort, readConfig({}).port);
  assert.equal(of('NetworkPolicy').spec.ingress[0].ports[0].port, container.ports[0].containerPort);
});

test('everything that chooses pods chooses those of the Deployment, and the autoscaler scales it', () => {
  const { labels } = deployment.spec.template.metadata;
  const choices = [
    deployment.spec.selector.matchLabels,
    of('Service').spec.selector,
    of('PodDisruptionBudget').spec.selector.matchLabels,
    of('NetworkPolicy').spec.podSelector.matchLabels,
    ...pod.topologySpreadConstraints.map((spread: { labelSelector: { matchLabels: object } }) => spread.labelSelector.matchLabels),
  ];
  for (const choice of choices) {
    assert.ok(Object.keys(choice).length > 0);
    for (const [name, value] of Object.entries(choice)) assert.equal(labels[name], value);
  }
  assert.equal(of('HorizontalPodAutoscaler').spec.scaleTargetRef.name, deployment.metadata.name);
  assert.equal(deployment.spec.replicas, undefined);
  assert.equal(pod.serviceAccountName, of('ServiceAccount').metadata.name);
  assert.ok(kustomization.images.some(({ name }: { name: string }) => name === container.image));
});

test('the keys are mounted where the service looks for them, from the Secret that holds what they are stored under', () => {
  const mount = container.volumeMounts.find(({ mountPath }: { mountPath: string }) =>
    environment.API_KEYS_FILE.startsWith(`${mountPath}/`),
  );
  assert.equal(mount.readOnly, true);
  assert.equal(mount.subPath, undefined);
  const { secret } = pod.volumes.find(({ name }: { name: string }) => name === mount.name);
  assert.equal(`${mount.mountPath}/${secret.items[0].path}`, environment.API_KEYS_FILE);
  const { valueFrom } = container.env.find(({ name }: { name: string }) => name === 'API_KEYS_SECRET');
  assert.equal(valueFrom.secretKeyRef.name, secret.secretName);
  assert.notEqual(valueFrom.secretKeyRef.optional, true);
});

test('the grace period outlasts the longest request and the time that a pod takes to be forgotten, here and in the compose file', () => {
  const longest = Number(environment.REQUEST_TIMEOUT_MS) + Number(environment.SHUTDOWN_DELAY_MS);
  assert.ok(pod.terminationGracePeriodSeconds * 1000 > longest + 1000);
  const composeGrace = Number.parseInt(compose().services['kl-divergence'].stop_grace_period, 10);
  assert.ok(composeGrace * 1000 > Number(environment.REQUEST_TIMEOUT_MS) + readConfig({}).shutdownDelayMs + 1000);
});

test('the container has no rights: not root, nothing to write to but /tmp, no capabilities, no token of the cluster', () => {
  assert.equal(pod.automountServiceAccountToken, false);
  assert.equal(pod.securityContext.runAsNonRoot, true);
  assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault');
  assert.equal(container.securityContext.readOnlyRootFilesystem, true);
  assert.equal(container.securityContext.allowPrivilegeEscalation, false);
  assert.deepEqual(container.securityContext.capabilities, { drop: ['ALL'] });
});

test('with jobs, pods that answer compute none, and workers that nobody sends requests to compute them, as many as shards wait', () => {
  const { base, worker, autoscaler, patch } = jobManifests();
  assert.equal(base, '../kubernetes');
  assert.deepEqual(unknownFields(worker, Deployment), []);
  assert.equal(patch.metadata.name, deployment.metadata.name);
  const [answering, computing] = [patch, worker].map(({ spec }) => {
    const { env, envFrom } = spec.template.spec.containers[0];
    assert.deepEqual(envFrom, [{ secretRef: { name: 'kl-divergence-jobs' } }]);
    return Object.fromEntries(env.map(({ name, value }: { name: string; value?: string }) => [name, value]));
  });
  assert.deepEqual([answering.JOBS, answering.JOB_WORKERS, computing.JOBS], ['redis', '0', 'redis']);
  const { cpu } = worker.spec.template.spec.containers[0].resources.limits;
  assert.equal(computing.JOB_WORKERS, cpu);
  const { selector } = of('Service').spec;
  assert.notEqual(worker.spec.template.metadata.labels['app.kubernetes.io/name'], selector['app.kubernetes.io/name']);
  assert.equal(autoscaler.spec.scaleTargetRef.name, worker.metadata.name);
  assert.equal(worker.spec.replicas, undefined);
  assert.match(autoscaler.spec.triggers[0].metadata.query, /kl_job_shards/);
});

test('with jobs, all of their pods may reach the queue, names and public stores, and nothing else', () => {
  const { worker, access } = jobManifests();
  assert.deepEqual(unknownFields(access, NetworkPolicy), []);
  const [{ key, operator, values }] = access.spec.podSelector.matchExpressions;
  assert.equal(operator, 'In');
  assert.deepEqual(
    values,
    [deployment, worker].map(({ spec }) => spec.template.metadata.labels[key]),
  );
  const { ingress, egress } = of('NetworkPolicy').spec;
  const [names, queue, stores, ...more] = access.spec.egress;
  assert.deepEqual([access.spec.ingress, [names, queue], more], [ingress, egress, []]);
  assert.deepEqual(stores.ports, [{ port: 443, protocol: 'TCP' }]);
  for (const network of ['169.254.0.0/16', '10.0.0.0/8']) assert.ok(stores.to[0].ipBlock.except.includes(network));
});

for (const name of ['kubernetes', 'kubernetes-jobs']) {
  test(`kubectl makes manifests of deploy/${name}`, { skip: noKubectl }, () => {
    const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', fileURLToPath(new URL(`../${name}`, folder))], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    const made = parseAllDocuments(stdout).map((document) => document.toJS());
    const ofPods = made.filter(({ kind }) => kind === 'Deployment').map(({ spec }) => spec.template.spec.containers[0]);
    assert.equal(ofPods.length, name === 'kubernetes' ? 1 : 2);
    for (const { image, env } of ofPods) {
      assert.match(image, /^kl-divergence-api:\d/);
      assert.ok(env.some(({ name: variable }: { name: string }) => variable === 'API_KEYS_FILE'));
    }
  });
}

/** The manifests of deploy/kubernetes-jobs. */
function jobManifests() {
  const file = (name: string) => read(`../kubernetes-jobs/${name}`);
  const { resources, patches } = file('kustomization.yaml');
  const [base, ...files] = resources;
  const [worker, autoscaler, access] = files.map(file);
  return { base, worker, autoscaler, access, patch: file(patches[0].path) };
}

/** The places in a manifest that the schema of its kind passes over when it checks the rest. */
function unknownFields(manifest: object, kind: (typeof kinds)[keyof typeof kinds]): string[] {
  const places: string[] = [];
  const read = new Set<string>();
  // not by its constructor, which reads everything to copy it
  kind.prototype.validate.call(watched(manifest, '', places, read));
  return places.filter((place) => !read.has(place));
}

/** Wraps data: notes in `places` where there is something, and in `read` where somebody looks. */
function watched<T extends object>(data: T, place: string, places: string[], read: Set<string>): T {
  const children = new Map<string, unknown>();
  for (const [name, value] of Object.entries(data)) {
    places.push(`${place}/${name}`);
    children.set(name, typeof value === 'object' && value !== null ? watched(value, `${place}/${name}`, places, read) : value);
  }
  return new Proxy(data, {
    get(target, name) {
      if (typeof name !== 'string' || !children.has(name)) return Reflect.get(target, name);
      read.add(`${place}/${name}`);
      return children.get(name);
    },
  });
}
