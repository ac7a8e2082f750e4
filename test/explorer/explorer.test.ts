import { after } from 'node:test';
import { deliveryTests } from './browser/delivery.ts';
import { everybodyTests } from './browser/everybody.ts';
import { closeShared } from './browser/explored.ts';
import { fileTests } from './browser/files.ts';
import { galleryTests } from './browser/gallery.ts';
import { jobTests } from './browser/jobs.ts';
import { pictureTests } from './browser/pictures.ts';
import { requestTests } from './browser/requests.ts';
import { warningTests } from './browser/warnings.ts';

// in one file all share one browser, one page and one service
after(closeShared);

galleryTests();
pictureTests();
requestTests();
warningTests();
fileTests();
everybodyTests();
deliveryTests();
jobTests();
