/* How old the lists are, each by itself, and whether the page works without a network. */
import { age, fill, instant, make, words } from './words.js';

/** The list of the country's own keys (trusting.OWN). */
const OWN = 'own';

/** Whether lists as a whole are too old to call anything valid. */
export const isTooOld = ({ madeAt, listsLast }, now) => madeAt === null || now - madeAt > listsLast;

export function showStatus(root, lists, now, isReady) {
  const place = root.querySelector('[data-status]');
  const isOld = isTooOld(lists, now);
  const old = lists.madeAt === null ? words.noLists : fill(isOld ? words.listsOld : words.listsAge, { age: age(now - lists.madeAt) });
  const ready = { ready: words.ready, preparing: words.preparing, never: words.notKept }[isReady];
  const text = `${old} · ${ready}`;
  if (place.textContent !== text) place.textContent = text;
  place.dataset.color = isOld ? 'warning' : 'success';
  place.dataset.ready = isReady;
  place.dataset.old = String(isOld);
  place.dataset.madeAt = String(lists.madeAt ?? '');
}

export function showLists(root, lists, now) {
  root.querySelector('[data-lists-panel]').hidden = false;
  const lines = lists.held.map(({ kind, name, asOf, count }) => make('li', {},
    make('b', {}, make('bdi', {}, name === OWN ? words.own : name)),
    ` · ${kind === 'trust' ? fill(words.keys, { number: count }) : words.revocations}`,
    make('span', { class: 'oc-muted oc-small' }, `${instant(asOf)} · ${age(now - asOf)}`)));
  root.querySelector('[data-sources]').replaceChildren(...(lines.length ? lines : [make('li', {}, words.noLists)]));
}
