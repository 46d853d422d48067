/* For officers: live parts of pages (htmx), the state of the connection, the keyboard. */
import './htmx.js';
import 'htmx-ext-sse';
import { watchConnection } from './connection.js';
import { listenToKeys } from './keys.js';
import { guardConfirmations } from './confirm.js';
import { countDownUndo } from './undo.js';
import { submitFiltersAtOnce } from './filters.js';

watchConnection();
listenToKeys();
guardConfirmations();
countDownUndo();
submitFiltersAtOnce();
// On a telephone the navigation scrolls sideways: where one is must be seen.
document.querySelector('.oc-nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
