/* For the holder of certificates: keeping them on the telephone, and showing a code as large as it can be. */
import './wallet.css';
import { offerToKeep, wipeOnLeaving } from './keeping.js';
import { showKept } from './device.js';
import { showLarge } from './large.js';

offerToKeep();
wipeOnLeaving();
showKept();
showLarge();
