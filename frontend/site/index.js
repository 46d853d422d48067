/* For citizens' pages. Everything here makes a working page more comfortable; none of it is needed. */
import { chooseScheme } from './scheme.js';
import { rememberWarning } from './last-warning.js';
import { keepTimesFresh } from './times.js';
import { queueAnswers } from './answers.js';
import { drawMapsWhenSeen } from './maps.js';
import { offerMap } from './picker.js';
import { offerPosition } from './position.js';
import { suggestPlaces } from './suggest.js';

chooseScheme();
rememberWarning();
keepTimesFresh();
queueAnswers();
offerPosition();
offerMap();
drawMapsWhenSeen();
suggestPlaces();

const worker = document.documentElement.dataset.worker;
// Without a network there is nothing to register, and nothing to complain of either: the next visit will do.
if (worker && 'serviceWorker' in navigator) navigator.serviceWorker.register(worker).catch(() => {});
