import { testsOf } from './tests-of.ts';

await testsOf('http/{after-reading,idle-clients,job-events,raw-connection,run-*,send-content,slow-bodies}.test.ts');
