/* A verdict on the screen: a shape, a word and a colour; whose it is; why; what to do; and everything else on demand. */
import { birthYearOf, nameOf } from './person.js';
import { age, fill, icon, instant, make, words } from './words.js';

/** The state to show: what is valid by lists that are too old is not called valid. */
export function shownState(verdict, lists, now) {
  if (verdict.state !== 'valid') return verdict.state;
  const ages = verdict.checks.filter((check) => check.asOf !== null).map((check) => now - check.asOf);
  return ages.some((seconds) => seconds > lists.listsLast) ? 'lists-old' : 'valid';
}

/** The large answer. */
export function answer(verdict, state, now) {
  const { word, advice, colour, shape } = words.states[state];
  const { certificate } = verdict;
  const reason = verdict.reason ? words.reasons[verdict.reason] : '';
  const box = make('section', { class: 'oc-verdict', 'data-color': colour, 'data-state': state, 'data-reason': verdict.reason, tabindex: '-1' });
  box.append(
    make('div', { class: 'oc-verdict__head' }, icon(shape), make('h2', {}, word)),
    certificate ? who(certificate) : '',
    make('p', { class: 'oc-verdict__advice' }, advice),
    reason || verdict.reason ? make('p', {}, make('b', {}, words.why), ' ', reason || make('code', {}, verdict.reason)) : '',
    verdict.layer ? make('p', { class: 'oc-small' }, words.broke, ' ', words.layers[verdict.layer] ?? verdict.layer) : '',
    skipped(verdict),
    certificate ? details(words.says, facts(certificate)) : '',
    details(words.details, checks(verdict, now), verdict.reason),
  );
  return box;
}

function who(certificate) {
  const year = birthYearOf(certificate);
  const kinds = [...new Set(certificate.entries.map((entry) => words.kinds[entry.kind]))].join(' · ');
  return make('div', { class: 'oc-verdict__who' },
    make('p', { class: 'oc-verdict__name' }, make('bdi', {}, nameOf(certificate) || words.nameUnknown)),
    make('p', {}, year ? fill(words.born, { year }) : words.bornUnknown),
    make('p', { class: 'oc-small' }, kinds, kinds ? ' · ' : '', words.formats[certificate.format] ?? certificate.format));
}

/** What nobody could look at, said before anybody asks. */
function skipped({ state, checks: all }) {
  const open = all.filter((check) => check.outcome === 'not-checked');
  if (state !== 'valid' || !open.length) return '';
  const lines = open.map((check) => fill(words.unlooked, { check: words.checks[check.name], outcome: words.outcomes['not-checked'].word }));
  return make('ul', { class: 'oc-verdict__open' }, ...lines.map((line) => make('li', {}, icon('question'), make('span', {}, line))));
}

function details(title, ...content) {
  return make('details', { class: 'oc-details' }, make('summary', {}, title), ...content);
}

function checks({ checks: all, reason }, now) {
  const rows = all.map((check) => {
    const { word, colour } = words.outcomes[check.outcome];
    const why = check.reason ? words.reasons[check.reason] ?? check.reason : '';
    const old = check.asOf === null ? '' : fill(words.asOf, { time: `${instant(check.asOf)} (${age(now - check.asOf)})` });
    return make('li', {}, make('span', {}, words.checks[check.name]), make('span', { class: 'ds-tag', 'data-color': colour }, word),
      why || old ? make('span', { class: 'oc-small oc-muted' }, [why, old].filter(Boolean).join(' ')) : '');
  });
  return make('div', {}, make('ul', { class: 'oc-verifier__checks' }, ...rows), reason ? make('p', { class: 'oc-small oc-muted' }, make('code', {}, reason)) : '');
}

const said = ({ display, code }) => display || code;

function facts(certificate) {
  const { holder } = certificate;
  const lists = certificate.entries.map((entry) => rows([
    [words.kind, words.kinds[entry.kind]],
    [words.disease, said(entry.disease)],
    [words.product, said(entry.product) || said(entry.vaccine) || said(entry.testType)],
    [words.dose, entry.dose && entry.doses ? `${entry.dose} / ${entry.doses}` : entry.dose],
    [words.result, said(entry.result)],
    [words.day, entry.happenedOn],
    [words.from, entry.validFrom],
    [words.until, entry.validUntil === 'life' ? words.forLife : entry.validUntil],
    [words.batch, entry.batch],
    [words.country, entry.country],
    [words.issuer, entry.issuer || certificate.issuer],
  ]));
  const person = rows([
    [words.bornOn, holder.bornOn],
    [words.document, holder.documentNumber],
    [words.format, words.formats[certificate.format]],
    [words.country, certificate.issuerCountry],
    [words.until, certificate.expiresAt === null ? '' : instant(certificate.expiresAt)],
  ]);
  return make('div', {}, person, ...lists);
}

const rows = (pairs) => make('dl', { class: 'oc-kv' }, ...pairs.filter(([, value]) => value).map(([label, value]) =>
  make('div', {}, make('dt', {}, label), make('dd', {}, make('bdi', {}, String(value))))));

/** One certificate in the row of a person's. */
export function card(verdict, state) {
  const { word, colour, shape } = words.states[state];
  const { certificate } = verdict;
  const kinds = (certificate?.entries ?? []).flatMap((entry) => [' · ', words.kinds[entry.kind], ' ', make('span', { class: 'oc-nowrap' }, entry.happenedOn.slice(0, 10))]);
  return make('li', { 'data-color': colour }, icon(shape), make('span', {}, make('b', {}, word), ...kinds,
    certificate ? make('span', { class: 'oc-muted oc-small' }, make('bdi', {}, nameOf(certificate))) : ''));
}

/** It was shown before. */
export const again = (at) =>
  make('p', { class: 'oc-verifier__again' }, icon('clock'), make('span', {}, fill(words.again, { time: age(Date.now() / 1000 - at) })));

const whose = (certificate) => {
  const year = birthYearOf(certificate);
  return make('span', {}, make('bdi', {}, nameOf(certificate) || words.nameUnknown), ' ', year ? make('span', { class: 'oc-verifier__year' }, fill(words.born, { year })) : '');
};

/** Two names, and the question whose turn it is. */
export function question(before, now) {
  const line = (label, certificate) => make('div', {}, make('dt', {}, label), make('dd', {}, whose(certificate)));
  return make('section', { class: 'oc-verifier__question', 'data-color': 'warning' },
    make('h2', {}, icon('triangle'), make('span', {}, words.otherName)),
    make('dl', {}, line(words.otherBefore, before), line(words.otherNow, now)),
    make('div', { class: 'oc-actions' },
      make('button', { class: 'ds-button', type: 'button', 'data-turn': 'next' }, words.nextPerson),
      make('button', { class: 'ds-button', type: 'button', 'data-variant': 'secondary', 'data-turn': 'same' }, words.samePerson)));
}

/** Whose the certificates of one row are, where they are not one person's. */
export function differing(certificates) {
  const names = [...new Map(certificates.map((one) => [`${nameOf(one)} ${birthYearOf(one)}`, whose(one)])).values()];
  return [make('span', { class: 'oc-verifier__warned' }, icon('triangle'), make('b', {}, words.otherPerson)), make('ul', {}, ...names.map((one) => make('li', {}, one)))];
}
