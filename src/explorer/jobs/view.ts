import { byId, element, fill } from '../dom/element.ts';
import { say } from '../panels/copy.ts';
import { problemOf, problemWords } from '../panels/problem.ts';
import type { PageContext } from '../panels/view.ts';
import { followJob } from '../service/follow-job.ts';
import { cancelJob, deleteJob, listJobs } from '../service/jobs.ts';
import { createForm } from './form.ts';
import { createJob } from './job.ts';
import { createList } from './list.ts';

/** How long after the last answer the list is asked for again: where a job goes on, and where none does. */
const againMs = { going: 3_000, resting: 15_000 };

/** The view of jobs. */
export type JobsView = {
  /** Shows the jobs, and the one whose id there is. */
  readonly show: (id: string | undefined) => void;
  /** Asks for nothing more until it is shown again. */
  readonly leave: () => void;
};

/** Makes the view of jobs. `askKey` is called where the service asks for a key. */
export function createJobs(context: PageContext, askKey: () => void): JobsView {
  let listing = new AbortController();
  let following = new AbortController();
  let chosen: string | undefined;
  const problem = element('div', { class: 'problem', role: 'alert', hidden: true });
  const heading = element('h2', { id: 'job-heading', tabindex: -1 }, 'The job');
  const body = element('div');
  const jobSection = element('section', { id: 'job', 'aria-labelledby': 'job-heading', hidden: true }, heading, body);
  const list = createList(() => load());
  const form = createForm(context, {
    problemOf: asked,
    onSubmitted({ id }) {
      location.hash = `#jobs/${id}`;
    },
  });
  const content = element(
    'div',
    { class: 'columns' },
    element('div', { class: 'jobs-column' }, jobsSection(problem, list.dom), jobSection),
    form,
  );

  function asked(error: unknown) {
    const shown = problemOf(error);
    if (shown.status === 401) askKey();
    return shown;
  }

  const attach = () => content.isConnected || fill(byId('jobs-view'), content);

  /** Asks for the list now, and again from time to time. */
  async function load(): Promise<void> {
    listing.abort();
    listing = new AbortController();
    const { signal } = listing;
    let pauseMs = againMs.resting;
    try {
      const page = await listJobs(list.filter(), signal);
      problem.hidden = true;
      list.show(page);
      list.mark(chosen);
      attach();
      if (page.jobs.some(({ done }) => !done)) pauseMs = againMs.going;
    } catch (error) {
      if (signal.aborted) return;
      const shown = asked(error);
      if (shown.code === 'JOBS_DISABLED') return fill(byId('jobs-view'), disabled());
      fill(problem, problemWords(shown, context.info()));
      problem.hidden = false;
      attach();
    }
    const timer = setTimeout(load, pauseMs);
    signal.addEventListener('abort', () => clearTimeout(timer));
  }

  return {
    show(id) {
      following.abort();
      following = new AbortController();
      if (id !== undefined) followIn(body, id, { signal: following.signal, info: context.info, asked, list });
      jobSection.hidden = id === undefined;
      if (id !== chosen && id !== undefined && content.isConnected) {
        heading.focus({ preventScroll: true });
        jobSection.scrollIntoView({ block: 'start' });
      }
      chosen = id;
      load();
    },
    leave() {
      listing.abort();
      following.abort();
    },
  };
}

/** What following a job needs of the view around it. */
type Surroundings = {
  readonly signal: AbortSignal;
  readonly info: PageContext['info'];
  /** What is shown of a refusal. */
  readonly asked: (error: unknown) => ReturnType<typeof problemOf>;
  readonly list: ReturnType<typeof createList>;
};

/** Shows a job as it goes on. */
async function followIn(body: HTMLElement, id: string, { signal, info, asked, list }: Surroundings): Promise<void> {
  const act = (action: () => Promise<unknown>) => () => action().catch(refuse);
  const refuse = (error: unknown) => {
    if (!signal.aborted) fill(body, element('div', { class: 'problem', role: 'alert' }, problemWords(asked(error), info())));
  };
  const remove = async () => {
    await deleteJob(id);
    say('Job deleted');
    location.hash = '#jobs';
  };
  const view = createJob(id, { info, onCancel: act(async () => view.show(await cancelJob(id))), onDelete: act(remove) });
  fill(body);
  try {
    await followJob(id, {
      signal,
      onJob(job) {
        view.show(job);
        list.update(job);
        if (body.firstChild !== view.dom) fill(body, view.dom);
      },
    });
  } catch (error) {
    refuse(error);
  }
}

function jobsSection(...children: readonly HTMLElement[]): HTMLElement {
  return element('section', { 'aria-labelledby': 'jobs-heading' }, element('h2', { id: 'jobs-heading' }, 'Jobs'), children);
}

/** Where the instance runs no jobs. */
function disabled(): HTMLElement {
  return jobsSection(
    element(
      'p',
      { id: 'jobs-disabled' },
      'This service runs no jobs: they are turned on where it is started, by naming the places that tensors may be read from in ',
      element('code', {}, 'JOB_SOURCES'),
      ', such as ',
      element('code', {}, 'JOB_SOURCES=file:///data'),
      '.',
    ),
  );
}
