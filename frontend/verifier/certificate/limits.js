/* Every cap on what is read from outside; the same as on the server (domain/health/limits.py). */
export const TEXT_MOST = 16 * 1024;
export const INFLATED_MOST = 64 * 1024;
export const DEPTH_MOST = 16;
export const ITEMS_MOST = 4096;
export const KEY_ID_BYTES = 8;
export const PROTECTED_MOST = 512;
export const SIGNATURE_MOST = 512;
export const INSTANT_MOST = 253402300799;
