import { element, fill } from '../dom/element.ts';
import { labelledLine } from '../dom/line.ts';
import { createEditor } from '../editors/editor.ts';
import { showIn } from '../editors/show-findings.ts';
import { problemWords } from '../panels/problem.ts';
import type { PageContext } from '../panels/view.ts';
import type { Problem } from '../service/answers.ts';
import { type Job, submitJob } from '../service/jobs.ts';
import type { Finding } from '../state/findings.ts';
import { stepsOf } from '../text/locate.ts';

const firstRequest = `{
  "input": { "uri": "file:///data/student.safetensors", "tensor": "logits" },
  "target": { "uri": "file:///data/teacher.safetensors", "tensor": "logits" },
  "dim": -1,
  "reduction": ["sum", "batchmean", "distribution_mean"],
  "statistics": true
}
`;

const keyHint = 'optional: the same request with the same key is one job, however often it is sent';

type Handlers = { readonly onSubmitted: (job: Job) => void; readonly problemOf: (error: unknown) => Problem };

/** Returns the form that submits a job. The service checks it, and what is wrong is said at its element. */
export function createForm({ info }: PageContext, { onSubmitted, problemOf }: Handlers): HTMLElement {
  const problem = element('div', { class: 'problem', role: 'alert', hidden: true });
  const said = element('ul', { class: 'said' });
  const editor = createEditor('The job: JSON', () => {}, true);
  editor.setText(firstRequest);
  const key = element('input', {
    type: 'text',
    id: 'idempotency-key',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-describedby': 'idempotency-key-hint',
  });
  const button = element('button', { type: 'submit' }, 'Submit the job');
  const submit = async (event: Event) => {
    event.preventDefault();
    button.disabled = true;
    problem.hidden = true;
    try {
      const job = await submitJob(editor.text(), key.value.trim());
      fill(said, showIn(editor, [], 0));
      onSubmitted(job);
    } catch (error) {
      const shown = problemOf(error);
      fill(said, showIn(editor, findingsIn(shown), 0));
      fill(problem, problemWords(shown, info()));
      problem.hidden = false;
    } finally {
      button.disabled = false;
    }
  };
  return element(
    'section',
    { class: 'request', id: 'new-job-panel', 'aria-labelledby': 'new-job-heading' },
    element('h2', { id: 'new-job-heading' }, 'A new job'),
    element(
      'p',
      { class: 'aside' },
      'It compares tensors that are stored where the service can read them: .safetensors, .npy, or columns of .parquet.',
    ),
    element(
      'form',
      { id: 'new-job', onsubmit: submit },
      editor.dom,
      said,
      labelledLine('idempotency-key', 'Idempotency-Key', keyHint, key),
      button,
      problem,
    ),
  );
}

/** Returns what is wrong with the request as the one text that it is here. */
function findingsIn({ errors }: Problem): Finding[] {
  return errors.map(({ pointer, code, detail }) => ({
    code,
    severity: 'error',
    words: detail,
    field: undefined,
    ways: [stepsOf(pointer)],
  }));
}
