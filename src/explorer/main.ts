import { byId, element, fill } from './dom/element.ts';
import type { JobsView } from './jobs/view.ts';
import { createAll } from './panels/all.ts';
import { createCode } from './panels/code.ts';
import { createDistribution } from './panels/distribution.ts';
import { createDivisors } from './panels/divisors.ts';
import { createFamily } from './panels/family.ts';
import { createGallery } from './panels/gallery.ts';
import { createKey } from './panels/key.ts';
import { createLibraries } from './panels/libraries.ts';
import { problemOf } from './panels/problem.ts';
import { createRequest } from './panels/request.ts';
import { createSamples } from './panels/samples.ts';
import { createStatus } from './panels/status.ts';
import type { PageContext, Panel } from './panels/view.ts';
import { compute } from './results/compute.ts';
import type { Seen } from './results/seen.ts';
import type { Info } from './service/answers.ts';
import { getInfo, Refusal } from './service/client.ts';
import { examples, stateOfExample } from './state/examples.ts';
import { findingsOfProblem, findingsOfWarnings } from './state/findings.ts';
import { stateOf } from './state/link.ts';
import { createStore, type State } from './state/state.ts';

/** How long a visitor pauses before what is typed is computed. */
const pauseMs = 250;

/** More terms than these are drawn in several tasks of the browser. */
const largeTensor = 2 ** 15;

/** What takes longer gets a bar, and can be cancelled. */
const barAfterMs = 300;

const store = createStore((await stateOf(location.hash)) ?? stateOfExample(examples[0]));
let info: Info | undefined;
const context: PageContext = { store, info: () => info };

const gallery = createGallery(context);
const request = createRequest(context);
const code = createCode(context);
const panels: readonly Panel[] = [createDivisors, createDistribution, createAll, createSamples, createFamily]
  .map((create) => create(context))
  .concat(createLibraries());
const status = createStatus(() => running.abort());
const key = createKey(() => {
  begin();
  showView();
});

let running = new AbortController();
let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * Computes what the state says, and shows it as it comes. A later state ends an earlier one. Where the service has not said yet what it
 * knows, it is asked for that first.
 */
async function refresh(state: State): Promise<void> {
  if (info === undefined) return begin();
  running.abort();
  running = new AbortController();
  const { signal } = running;
  let share = 0;
  const bar = setTimeout(() => status.working(share), barAfterMs);
  document.body.dataset.state = 'computing';
  try {
    await compute(state, info, {
      signal,
      onProgress(now) {
        share = now;
        status.progress(share);
      },
      onSeen: (seen) => show(seen, state, signal),
    });
  } catch (error) {
    if (signal.aborted && running.signal !== signal) return;
    refuse(signal.aborted ? new Error('Cancelled. Change anything, and it is computed again.') : error, state);
  } finally {
    clearTimeout(bar);
    if (running.signal === signal) {
      status.working(undefined);
      document.body.dataset.state = 'settled';
      document.body.dataset.settled = String(Number(document.body.dataset.settled ?? 0) + 1);
    }
  }
}

/** Shows an answer. Of a large tensor each panel takes a while, so the page goes on between them. */
async function show(seen: Seen, state: State, signal: AbortSignal): Promise<void> {
  const pause = (seen.terms?.data.length ?? 0) > largeTensor ? nextTask : async () => {};
  await pause();
  if (signal.aborted) return;
  const findings = findingsOfWarnings(seen.answer.warnings);
  document.body.classList.add('answered');
  status.problem(undefined, info);
  status.hints(findings);
  request.showFindings(findings, state);
  for (const panel of [...panels, code]) {
    panel.show(seen, state);
    await pause();
    if (signal.aborted) return;
  }
}

/** Resolves when the browser has done what else it has to do. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function refuse(error: unknown, state: State): void {
  const problem = problemOf(error);
  status.problem(problem, info);
  status.hints([]);
  request.showFindings(error instanceof Refusal ? findingsOfProblem(problem) : [], state);
  if (problem.status === 401) key.ask();
}

/** Asks what the service knows, which needs a key where the service has keys, and then for the first answer. */
async function begin(): Promise<void> {
  try {
    info = await getInfo();
  } catch (error) {
    return refuse(error, store.state());
  }
  byId('version').textContent = `version ${info.version}`;
  gallery.fill();
  request.show(store.state());
  await refresh(store.state());
}

store.subscribe((state, before) => {
  if (state.texts === before.texts && state.options === before.options && state.attached === before.attached) return;
  gallery.show();
  request.show(state);
  clearTimeout(timer);
  timer = setTimeout(refresh, pauseMs, state);
});

let jobs: Promise<JobsView | undefined> | undefined;

/** Loads what shows jobs. A version of the service that came after this page no longer has its files. */
async function loadJobs(): Promise<JobsView | undefined> {
  try {
    const { createJobs } = await import('./jobs/view.ts');
    return createJobs(context, key.ask);
  } catch {
    jobs = undefined;
    const words = 'What shows jobs could not be loaded. Reload the page to have the version that the service has now.';
    fill(byId('jobs-view'), element('p', { class: 'problem', role: 'alert' }, words));
    return undefined;
  }
}

/** Shows jobs where the fragment of the address says so, and else the explorer. What shows jobs is loaded when it is first wanted. */
async function showView(): Promise<void> {
  const isJobs = () => /^#jobs(\/|$)/.test(location.hash);
  byId('explorer-view').hidden = byId('skip').hidden = isJobs();
  byId('jobs-view').hidden = byId('to-explorer').hidden = !isJobs();
  byId('to-request').hidden = isJobs();
  byId('to-jobs').ariaCurrent = isJobs() ? 'page' : null;
  if (isJobs()) jobs ??= loadJobs();
  const view = await jobs;
  if (isJobs()) view?.show(location.hash.split('/')[1]);
  else view?.leave();
}

addEventListener('hashchange', async () => {
  showView();
  const linked = await stateOf(location.hash);
  if (linked !== undefined) store.change(linked);
});

request.show(store.state());
showView();
await begin();
