import { testsOf } from './tests-of.ts';

await testsOf('http/{cases,codings,hostile,refused-targets,same-*,wording}.test.ts');
